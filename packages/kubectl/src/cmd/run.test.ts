import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { fakeProcess } from '../testing/fake-process.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';

/** A server whose pod runs when it is looked at, and has ended as soon as somebody has attached. */
function running(exitCode: number, serve = 'tick\n') {
  let attached = false;
  const status = (): object => (attached
    ? { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [{ name: 'x', state: { terminated: { exitCode, reason: 'Error' } } }] }
    : { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
  const pod = () => ({ kind: 'Pod', metadata: { name: 'x', namespace: 'default' }, spec: { containers: [{ name: 'x' }] }, status: status() });
  return new FakeApi()
    .on(`POST ${PODS}`, pod)
    .on(`GET ${PODS}/x`, pod)
    .on(`DELETE ${PODS}/x`, pod)
    .on(`GET ${PODS}/x/log`, ['early\n'])
    .on(`CONNECT ${PODS}/x/attach`, fakeProcess((process) => {
      attached = true;
      process.print(serve);
      process.exit(0);
    }));
}

describe('kubectl run', () => {
  it('makes a pod of one container', async () => {
    const { stdout } = await kubectl(new FakeApi(), 'run web --image=nginx --port=80 --env=A=b=c -l app=web --dry-run=client -o json -- -g x');
    expect(JSON.parse(stdout)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'web', image: 'nginx', args: ['-g', 'x'], env: [{ name: 'A', value: 'b=c' }], ports: [{ containerPort: 80 }], resources: {} }],
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
      },
      status: {},
    });
  });

  it('merges what is to be different', async () => {
    const spec = async (line: string): Promise<Record<string, unknown>> => JSON.parse((await kubectl(new FakeApi(), `run web --image=nginx --dry-run=client -o json ${line}`)).stdout).spec;
    expect(await spec('--overrides={"spec":{"hostname":"h"}}')).toMatchObject({ hostname: 'h', containers: [{ name: 'web' }] });
    expect(await spec('--override-type=strategic --overrides={"spec":{"containers":[{"name":"web","tty":true}]}}')).toMatchObject({ containers: [{ name: 'web', image: 'nginx', tty: true }] });
  });

  it.each([['-l a=b', '{"a":"b"}|{"a":"b"}\n{"a":"b"}|\n'], ['', '|{"run":"web"}\n{"run":"web"}|\n']])('labels a service as it is told to: %s', async (line, stdout) => {
    expect((await kubectl(new FakeApi(), `run web --image=nginx --port=80 --expose --dry-run=client ${line} -o jsonpath={.metadata.labels}|{.spec.selector}{"\\n"}`)).stdout).toBe(stdout);
  });

  it('says what it created', async () => {
    const api = running(0);
    expect(await kubectl(api, 'run x --image=nginx --restart=Never --command -- sleep 1')).toEqual({ exitCode: 0, stdout: 'pod/x created\n', stderr: '' });
    expect(api.sent('POST')[0]).toMatchObject({ query: { fieldManager: 'kubectl-run' }, body: { spec: { restartPolicy: 'Never', containers: [{ command: ['sleep', '1'] }] } } });
  });

  it('attaches, gives back the exit code, and takes the pod away', async () => {
    const api = running(3);
    const { exitCode, stdout, stderr } = await kubectl(api, 'run x -i --rm --image=nginx --restart=Never');
    expect([exitCode, stdout]).toEqual([3, 'early\ntick\npod "x" deleted from default namespace\n']);
    expect(stderr).toContain('pod default/x terminated (Error)\n');
    expect(api.sent('POST')[0]?.body).toMatchObject({ spec: { containers: [{ stdin: true, stdinOnce: true }] } });
  });

  it('takes the pod away when Ctrl-C ends the waiting', async () => {
    const io = new FakeIo();
    const api = running(0).on(`GET ${PODS}/x`, () => {
      io.interrupts.abort(new Error('interrupted'));
      throw new Error('interrupted');
    });
    expect((await kubectl(api, 'run x -i --rm -q --image=nginx', io)).exitCode).toBe(1);
    expect(api.sent('DELETE')).toHaveLength(1);
  });

  it.each([
    ['run --image=x', 'NAME is required for run'],
    ['run x', 'required flag(s) "image" not set'],
    ['run x --image=A:', 'Invalid image name "A:": invalid reference format'],
    ['run x --image=y -t', '-i/--stdin is required for containers with -t/--tty=true'],
    ['run x --image=y --rm', '--rm should only be used for attached containers'],
    ['run x --image=y --restart=Sometimes', 'invalid restart policy: Sometimes'],
    ['run x --image=y --env=1=2 --env==3', 'invalid env: =3'],
    ['run x --image=y --expose', '--port must be set when exposing a service'],
    ['run x --image=y -i --dry-run=client', "--dry-run=[server|client] can't be used with attached containers options"],
  ])('%s fails with a reason and creates nothing', async (line, message) => {
    const api = running(0);
    const { exitCode, stderr } = await kubectl(api, line);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(api.sent('POST')).toEqual([]);
  });
});
