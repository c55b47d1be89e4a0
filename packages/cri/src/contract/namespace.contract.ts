import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import type { ContainerSecurityContext } from '../cri.ts';
import { errorCode, PATIENCE } from './scene.ts';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

const own = (namespace: string) => readlinkSync(`/proc/self/ns/${namespace}`);
const pid = (mode: 'POD' | 'CONTAINER' | 'NODE'): { securityContext: ContainerSecurityContext } => ({ securityContext: { pid: { mode } } });

export function namespaceContract(scene: () => Scene, promises: Promises): void {
  describe('namespaces', () => {
    it('of the node are a sandbox\'s where it asks for them: no IP then, the node\'s hostname and /dev/shm', async () => {
      const { fixture, runtime } = scene();
      const sandbox = await scene().run(scene().sandboxConfig({ namespaces: { network: 'NODE', ipc: 'NODE', pid: 'NODE' }, portMappings: [{ protocol: 'TCP', containerPort: 80, hostPort: 80, hostIp: '' }] }));
      const status = await runtime.podSandboxStatus(sandbox.id);
      expect(status).toMatchObject({ ip: '', network: 'NODE', state: 'SANDBOX_READY' });
      const script = 'for ns in net uts ipc pid; do readlink /proc/self/ns/$ns; done; hostname; cat /etc/hostname; stat -c %d /dev/shm; echo $$';
      const { text } = await scene().script(script, pid('NODE'), sandbox);
      const [net, uts, ipc, process, name, file, shm, self] = text.split('\n');
      expect([uts, ipc, process, name, file]).toEqual([own('uts'), own('ipc'), own('pid'), hostname(), hostname()]);
      expect(net).toBe(fixture.nodeNetwork);
      expect(Number(self)).toBeGreaterThan(1);
      const elsewhere = await scene().script('readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; stat -c %d /dev/shm');
      expect(elsewhere.text.split('\n').filter((line) => [net, ipc, shm].includes(line))).toEqual([]);
    });

    it('of processes: one of its own, the pod\'s, or that of another container', async () => {
      const sandbox = await scene().run(scene().sandboxConfig({ namespaces: { pid: 'POD' } }));
      const target = await scene().start(sandbox, { metadata: { name: 'target', attempt: 0 }, command: ['sleep', '12345'] });
      const shared = await scene().start(sandbox, { metadata: { name: 'shared', attempt: 0 }, command: ['sleep', '54321'], ...pid('POD') });
      const script = 'tr "\\0" " " < /proc/1/cmdline; echo; ps -o args | grep -c "[s]leep 54321"';
      const [alone, pod, joined] = await Promise.all([
        scene().script(script, pid('CONTAINER'), sandbox),
        scene().script(script, pid('POD'), sandbox),
        scene().script(script, { securityContext: { pid: { mode: 'TARGET', targetId: target } } }, sandbox),
      ]);
      expect(alone.text).toMatch(/^sh -c .*\n0$/);
      expect(pod.text).not.toMatch(/^(sh|sleep)/);
      expect(pod.text).toMatch(/\n1$/);
      expect(joined.text).toBe('sleep 12345 \n0');
      await scene().runtime.stopContainer(shared, 0);
      expect((await scene().runtime.containerStatus(target)).state).toBe('CONTAINER_RUNNING');
    });

    it('of a container that does not run there cannot be joined', async () => {
      const [sandbox, other] = await Promise.all([scene().run(), scene().run()]);
      const foreign = await scene().start(other);
      for (const targetId of [foreign, randomUUID()]) {
        const config = scene().containerConfig({ securityContext: { pid: { mode: 'TARGET', targetId } } });
        expect(await errorCode(scene().runtime.createContainer(sandbox.id, config, sandbox.config))).toBe('InvalidArgument');
      }
    });

    it('of the pod: what a container leaves behind is reaped', async () => {
      const sandbox = await scene().run();
      // The inner shell ends before its child: the child is nobody's but the pause process'.
      const script = '(sh -c "sleep 0.2 & echo started"); sleep 0.6; ps -o stat,args | grep -c "^Z"';
      const { text } = await scene().script(script, pid('POD'), sandbox);
      expect(text).toBe('started\n0');
    });

    it('that others have too: nothing of a container outlives it', async () => {
      const sandbox = await scene().run();
      const child = '[s]leep 98765';
      const watcher = await scene().start(sandbox, { metadata: { name: 'watcher', attempt: 0 }, ...pid('NODE') });
      const count = async () => (await scene().runtime.execSync(watcher, ['sh', '-c', `ps -o args | grep -c "${child}" || true`], 10)).stdout.toString().trim();
      const command = ['sh', '-c', 'sleep 98765 & exec sleep 600'];
      const ids = await Promise.all((['NODE', 'POD'] as const).map((mode) => scene().start(sandbox, { metadata: { name: mode, attempt: 0 }, command, ...pid(mode) })));
      await vi.waitFor(async () => expect(await count()).toBe('2'), PATIENCE);
      await Promise.all(ids.map((id) => scene().runtime.stopContainer(id, 0)));
      await vi.waitFor(async () => expect(await count()).toBe('0'), PATIENCE);
    });

    it('have the sysctls asked for', async () => {
      const sysctls = { 'net.ipv4.ip_unprivileged_port_start': '80', 'net.ipv4.ping_group_range': '0 1000', 'kernel.shm_rmid_forced': '1' };
      const sandbox = await scene().run(scene().sandboxConfig({ sysctls, hostname: 'web' }));
      const files = Object.keys(sysctls).map((name) => `/proc/sys/${name.replaceAll('.', '/')}`);
      const { text } = await scene().script(`cat ${files.join(' ')}; hostname`, {}, sandbox);
      expect(text.split('\n')).toEqual(['80', '0\t1000', '1', 'web']);
    });

    promises.it('domainname', 'have the domain name asked for', async () => {
      const sandbox = await scene().run(scene().sandboxConfig({ domainname: 'sub.default.svc.cluster.local' }));
      expect((await scene().script('cat /proc/sys/kernel/domainname', {}, sandbox)).text).toBe('sub.default.svc.cluster.local');
    });

    it.each([
      ['unknown', { 'net.ipv4.no_such_thing': '1' }, {}],
      ['with a wrong value', { 'net.ipv4.ip_unprivileged_port_start': 'many' }, {}],
      ['of no namespace', { 'vm.swappiness': '10' }, {}],
      ['of the node\'s namespace', { 'kernel.shm_rmid_forced': '1' }, { ipc: 'NODE' as const }],
    ])('with a sysctl that is %s are not made, and nothing remains', async (_, sysctls, namespaces) => {
      const config = scene().sandboxConfig({ sysctls, namespaces });
      const error = await scene().runtime.runPodSandbox(config).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'CriError', code: 'InvalidArgument', message: expect.stringContaining(Object.keys(sysctls)[0]?.split('.').at(-1) ?? '') });
      expect(await scene().runtime.listPodSandboxes({ labelSelector: { 'io.kubernetes.pod.uid': config.metadata.uid } })).toEqual([]);
    });
  });
}
