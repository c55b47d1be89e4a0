import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;
let port: number;

async function start(flags: string[] = []): Promise<void> {
  bench = new KubeletBench(await tempDir(), { behaviour: () => ({ ignoresStopSignal: true, exec: ([command]) => ({ exitCode: command === 'good' ? 0 : 3, stdout: 'said' }) }) });
  bench.put({ containers: [{ name: 'web', image }] });
  ({ port } = await bench.start(flags));
  await bench.running();
}

afterEach(() => bench.stop());

const websocket = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'v5.channel.k8s.io' };

/** A close frame of a server that has nothing more to say. */
const goodBye = Buffer.from([0x88, 0x02, 0x03, 0xe8]);

/** The answer to an upgrade; after 101 all that came, up to the end. */
async function upgrade(path: string, headers: Record<string, string> = websocket): Promise<[code: number | undefined, said: string]> {
  const outgoing = send({ host: '127.0.0.1', port, path, headers });
  outgoing.end();
  const { promise, resolve, reject } = Promise.withResolvers<[number | undefined, string]>();
  outgoing.once('response', (answer) => void text(answer).then((said) => resolve([answer.statusCode, said])));
  outgoing.once('error', reject);
  outgoing.once('upgrade', (answer, socket, head) => {
    let said = head;
    const hear = (data: Buffer): void => {
      said = Buffer.concat([said, data]);
      if (said.includes(goodBye)) socket.end();
    };
    hear(Buffer.alloc(0));
    socket.on('data', hear).on('error', () => undefined).once('close', () => resolve([answer.statusCode, said.toString()]));
  });
  return promise;
}

describe('the kubelet\'s streams', () => {
  it('run a command in a container, with and without the pod\'s UID', async () => {
    await start();
    for (const path of ['/exec/default/web/web', '/exec/default/web/uid-web/web']) {
      const [code, said] = await upgrade(`${path}?output=1&error=1&command=bad`);
      expect([code, said.includes('said'), said.includes('"reason":"ExitCode","message":"3"')]).toEqual([101, true, true]);
    }
    expect((await upgrade('/exec/default/web/web?output=1&command=good'))[1]).toContain('"Success"');
  });

  it.each([
    ['/exec/default/none/web?output=1&command=x', 404, 'pod does not exist'],
    ['/exec/default/web/other-uid/web?output=1&command=x', 404, 'pod not found'],
    ['/exec/default/web/none?output=1&command=x', 500, 'container not found ("none")'],
    ['/exec/default/web/web?command=x', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/exec/default/web/web?output=true&command=x', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/attach/default/web/none?output=1', 500, 'container none not found in pod web_default'],
    ['/portForward/default/none', 404, 'pod does not exist'],
    ['/portForward/default/web?port=80,x', 400, 'unable to parse "x" as a port'],
    ['/portForward/default/web?port=0', 400, 'unable to parse "0" as a port'],
  ])('answer %s with %d, in Kubernetes\' words', async (path, code, why) => {
    await start();
    expect(await upgrade(path)).toEqual([code, why]);
  });

  it('want an upgrade', async () => {
    await start();
    const answer = await fetch(`http://127.0.0.1:${port}/exec/default/web/web?output=1&command=x`, { method: 'POST' });
    expect([answer.status, await answer.text()]).toEqual([400, 'Upgrade request required']);
  });

  it('go to a container for as long as it runs, also in a pod that is ending', async () => {
    await start();
    bench.markDeleted();
    expect((await upgrade('/exec/default/web/web?output=1&command=good'))[0]).toBe(101);
    bench.runtime.exitContainer(bench.id(), 1);
    await eventually(async () => expect([500, 404]).toContain((await upgrade('/exec/default/web/web?output=1&command=good'))[0]));
  });

  it('reach a static pod under the name of its mirror, by either UID', async () => {
    const manifests = await tempDir();
    await writeFile(join(manifests, 'web.json'), JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', uid: 'own' }, spec: { containers: [{ name: 'web', image }] } }));
    await start([`--pod-manifest-path=${manifests}`]);
    await bench.within(100, () => expect(bench.pod('web-n1').status?.phase).toBe('Running'));
    const codes = ['', `${bench.pod('web-n1').metadata.uid}/`, 'own/', 'other/'].map(async (uid) => (await upgrade(`/exec/default/web-n1/${uid}web?output=1&command=good`))[0]);
    expect(await Promise.all(codes)).toEqual([101, 101, 101, 404]);
  });

  it('say what went wrong on the way into a pod\'s port', async () => {
    await start();
    const [code, said] = await upgrade('/portForward/default/web?port=81', { ...websocket, 'sec-websocket-protocol': 'v4.channel.k8s.io' });
    expect([code, said.includes('error forwarding port 81: connect 127.0.0.1:81: connection refused')]).toEqual([101, true]);
  });

  it('are off with the other ways to look inside', async () => {
    const path = join(await tempDir(), 'kubelet.yaml');
    await writeFile(path, 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nenableDebuggingHandlers: false\n');
    await start([`--config=${path}`]);
    for (const route of ['/exec/default/web/web', '/attach/default/web/uid-web/web', '/portForward/default/web']) expect(await upgrade(`${route}?output=1`)).toEqual([405, 'Debug endpoints are disabled.\n']);
  });

  it('end after the idle timeout of the configuration, and with the kubelet', async () => {
    const path = join(await tempDir(), 'kubelet.yaml');
    await writeFile(path, 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstreamingConnectionIdleTimeout: 5s\n');
    await start([`--config=${path}`]);
    const idle = upgrade('/attach/default/web/web?output=1');
    let isOver = false;
    void idle.then(() => (isOver = true));
    await bench.within(1_000, () => expect(isOver).toBe(true));
    const held = send({ host: '127.0.0.1', port, path: '/attach/default/web/web?output=1', headers: websocket });
    held.end();
    const [, socket] = (await once(held, 'upgrade')) as [unknown, NodeJS.ReadableStream];
    socket.on('error', () => undefined).resume();
    const closed = once(socket, 'close');
    await bench.stop();
    await closed;
  });
});
