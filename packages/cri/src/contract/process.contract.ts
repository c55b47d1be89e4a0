import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ContainerConfig } from '../cri.ts';
import { PATIENCE, readLog } from './scene.ts';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

const readCgroup = `
if [ -e /sys/fs/cgroup/cpu.max ]; then
  cat /sys/fs/cgroup/cpu.max; echo 512; cat /sys/fs/cgroup/memory.max
else
  echo $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us) $(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us)
  cat /sys/fs/cgroup/cpu/cpu.shares
  cat /sys/fs/cgroup/memory/memory.limit_in_bytes
fi`;

/** Stops what has set its traps: a signal that comes before is the runtime's own, or nobody's. */
async function exitCodeWhenStopped(scene: Scene, trap: string, graceSeconds: number, overrides: Partial<ContainerConfig> = {}): Promise<number> {
  const id = await scene.start(await scene.run(), { command: ['sh', '-c', `${trap}; echo ready; while :; do sleep 0.05; done`], ...overrides });
  const { logPath } = await scene.runtime.containerStatus(id);
  await vi.waitFor(() => expect(readLog(logPath).map(({ text }) => text)).toEqual(['ready']), PATIENCE);
  await scene.runtime.stopContainer(id, graceSeconds);
  return (await scene.runtime.containerStatus(id)).exitCode;
}

/** SIGINT is what the image says. */
const traps = 'trap "exit 3" INT; trap "exit 4" HUP';

export function processContract(scene: () => Scene, promises: Promises): void {
  describe('process', () => {
    it.each([
      { title: 'the image says', command: [], args: [], output: 'entry cmd' },
      { title: 'args replace the CMD', command: [], args: ['mine'], output: 'entry mine' },
      { title: 'command replaces the ENTRYPOINT and drops the CMD', command: ['/bin/echo', 'only'], args: [], output: 'only' },
      { title: 'both replace both', command: ['/bin/echo', 'a'], args: ['b'], output: 'a b' },
    ])('[A3] runs what is asked: $title', async ({ command, args, output }) => {
      const { text } = await scene().script('', { image: scene().fixture.images.entrypoint, command, args });
      expect(text).toBe(output);
    });

    it('[A3] gets environment and working directory from the image, over them the container\'s', async () => {
      const image = scene().fixture.images.entrypoint;
      const plain = await scene().script('', { image, command: ['/bin/sh', '-c', 'echo $FROM_IMAGE $PWD'] });
      expect(plain.text).toBe('yes /work');
      const env = [{ name: 'FROM_IMAGE', value: 'no' }, { name: 'MINE', value: 'a=b c' }, { name: 'MINE', value: 'last wins' }];
      const own = await scene().script('', { image, command: ['/bin/sh', '-c', 'echo $FROM_IMAGE $MINE $PWD'], env, workingDir: '/tmp' });
      expect(own.text).toBe('no last wins /tmp');
    });

    it('[A3] sees its mounts, and cannot write to one that is read-only', async () => {
      const hostPath = join(scene().fixture.folder, `mount-${randomUUID()}`);
      mkdirSync(hostPath, { recursive: true });
      writeFileSync(join(hostPath, 'given'), 'from the host');
      const mounts = [{ hostPath, containerPath: '/rw', readonly: false }, { hostPath, containerPath: '/ro', readonly: true }];
      const { text } = await scene().script('cat /ro/given; echo; echo written > /rw/made; cat /ro/made; touch /ro/x 2>/dev/null || echo refused', { mounts });
      expect(text.split('\n')).toEqual(['from the host', 'written', 'refused']);
      expect(readFileSync(join(hostPath, 'made'), 'utf8')).toBe('written\n');
    });

    it.each([
      { script: 'exit 0', exitCode: 0, reason: 'Completed' },
      { script: 'exit 7', exitCode: 7, reason: 'Error' },
      { script: 'sh -c "kill -9 \\$\\$"; exit $?', exitCode: 137, reason: 'Error' },
    ])('[A2] ends with the exit code and a reason: $script', async ({ script, exitCode, reason }) => {
      const { status } = await scene().script(script);
      expect(status).toMatchObject({ exitCode, reason });
    });

    it('[E2] over its memory limit is killed: OOMKilled 137', async () => {
      const script = 'sleep 0.1; x=$(head -c 100000000 /dev/zero | tr "\\0" x); echo ${#x}';
      const { status } = await scene().script(script, { linux: { memoryLimitBytes: 16 * 1024 * 1024 } });
      expect(status).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    });

    it('[A3] [E2] has its cpu quota, shares and memory limit in its cgroup', async () => {
      const linux = { cpuQuota: 50_000, cpuPeriod: 100_000, cpuShares: 512, memoryLimitBytes: 64 * 1024 * 1024 };
      const { text } = await scene().script(readCgroup, { linux });
      expect(text.split('\n')).toEqual(['50000 100000', '512', String(64 * 1024 * 1024)]);
    });

    it('gets the stop signal and the time to answer it', async () => {
      expect(await exitCodeWhenStopped(scene(), 'trap "exit 3" TERM', 30)).toBe(3);
    });

    it('gets the stop signal of its image', async () => {
      expect(await exitCodeWhenStopped(scene(), traps, 30, { image: scene().fixture.images.accounts })).toBe(3);
    });

    promises.it('stopSignal', 'gets the stop signal asked for, over that of its image', async () => {
      expect(await exitCodeWhenStopped(scene(), traps, 30, { image: scene().fixture.images.accounts, stopSignal: 'SIGHUP' })).toBe(4);
    });

    it('has a terminal when asked, whose output is one stream', async () => {
      const script = '[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal; echo error >&2';
      const { lines } = await scene().script(script, { tty: true });
      expect(lines.map(({ stream, text }) => `${stream} ${text.trim()}`)).toEqual(['stdout terminal', 'stdout error']);
    });

    it('that ignores the stop signal is killed', async () => {
      expect(await exitCodeWhenStopped(scene(), 'trap "" TERM', 1)).toBe(137);
    });

    it('[A8] that works shows it in cumulative CPU time and memory', async () => {
      const sandbox = await scene().run();
      const id = await scene().start(sandbox, { command: ['sh', '-c', 'while :; do :; done'] });
      const first = await scene().runtime.containerStats(id);
      await vi.waitFor(async () => {
        const later = await scene().runtime.containerStats(id);
        expect(later.cpuUsageNanoSeconds).toBeGreaterThan(first.cpuUsageNanoSeconds + 50_000_000n);
        expect(later.memoryUsageBytes).toBeGreaterThan(0);
        expect(later.memoryWorkingSetBytes).toBeLessThanOrEqual(later.memoryUsageBytes);
      }, PATIENCE);
    });

    it('runs as the user asked for, without capabilities then', async () => {
      const { text } = await scene().script('id -u; id -g; grep CapEff /proc/self/status', { securityContext: { runAsUser: 1234, runAsGroup: 55 } });
      expect(text).toBe('1234\n55\nCapEff:\t0000000000000000');
    });

    it('belongs to the further groups asked for', async () => {
      const { text } = await scene().script('id -G', { securityContext: { runAsUser: 1234, runAsGroup: 55, supplementalGroups: [2000] } });
      expect(text).toBe('55 2000');
    });

    it('has a root file system that is read-only when asked', async () => {
      const { text } = await scene().script('touch /x 2>/dev/null || echo refused', { securityContext: { readonlyRootfs: true } });
      expect(text).toBe('refused');
    });
  });
}
