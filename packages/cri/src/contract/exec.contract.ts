import { describe, expect, it, vi } from 'vitest';
import { errorCode, PATIENCE } from './scene.ts';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

const MiB = 1024 * 1024;

/** What holds in memory as well. */
export function execContract(scene: () => Scene): void {
  describe('exec', () => {
    it('runs a command to its end', async () => {
      const id = await scene().start(await scene().run());
      expect(await scene().runtime.execSync(id, ['true'], 10)).toEqual({ exitCode: 0, stdout: Buffer.from(''), stderr: Buffer.from('') });
    });

    it('fails where nothing runs', async () => {
      const sandbox = await scene().run();
      const id = await scene().runtime.createContainer(sandbox.id, scene().containerConfig(), sandbox.config);
      expect(await errorCode(scene().runtime.execSync(id, ['true'], 1))).toBe('InvalidArgument');
      await scene().runtime.startContainer(id);
      await scene().runtime.stopContainer(id, 0);
      expect(await errorCode(scene().runtime.execSync(id, ['true'], 1))).toBe('InvalidArgument');
      await scene().runtime.removeContainer(id);
      expect(await errorCode(scene().runtime.execSync(id, ['true'], 1))).toBe('NotFound');
    });
  });
}

/** What only processes can show. */
export function execProcessContract(scene: () => Scene, promises: Promises): void {
  describe('exec of a process', () => {
    async function running(overrides: Parameters<Scene['start']>[1] = {}): Promise<(script: string, timeoutSeconds?: number) => Promise<{ exitCode: number; stdout: string; stderr: string }>> {
      const id = await scene().start(await scene().run(), overrides);
      return async (script, timeoutSeconds = 20) => {
        const { exitCode, stdout, stderr } = await scene().runtime.execSync(id, ['sh', '-c', script], timeoutSeconds);
        return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
      };
    }

    it('gives the exit code and both outputs apart', async () => {
      const sh = await running();
      expect(await sh('echo out; echo err >&2; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    });

    it('runs with the container\'s user, environment, folder and capabilities, beside its processes', async () => {
      const securityContext = { runAsUser: 1234, runAsGroup: 55, supplementalGroups: [2000] };
      const sh = await running({ securityContext, env: [{ name: 'MINE', value: 'yes' }], workingDir: '/tmp' });
      const script = 'id -u; id -g; id -G; echo $MINE $PWD; grep CapEff /proc/self/status; tr "\\0" " " < /proc/1/cmdline';
      expect((await sh(script)).stdout.split('\n')).toEqual(['1234', '55', '55 2000', 'yes /tmp', 'CapEff:\t0000000000000000', 'sleep 600 ']);
    });

    it('that takes too long is killed', async () => {
      const sh = await running();
      expect(await errorCode(sh('exec sleep 333', 1))).toBe('DeadlineExceeded');
      expect((await sh('ps')).stdout).not.toContain('sleep 333');
    });

    it('that cannot be started fails, and the next one works', async () => {
      const id = await scene().start(await scene().run());
      const failing = scene().runtime.execSync(id, ['no-such-command'], 5);
      await expect(failing).rejects.toMatchObject({ code: 'StartError', message: expect.stringContaining('executable file not found in $PATH') as string });
      expect((await scene().runtime.execSync(id, ['true'], 5)).exitCode).toBe(0);
    });

    it('gives all of a large output, up to 16 MiB', async () => {
      const sh = await running();
      const { stdout, stderr } = await sh('head -c 3000000 /dev/zero | tr "\\0" x >&2; head -c 17000000 /dev/zero | tr "\\0" x', 60);
      expect([stdout.length, stderr.length]).toEqual([16 * MiB, 3_000_000]);
    });

    promises.it('heldOutput', 'ends although a child holds its output open', async () => {
      const sh = await running();
      expect(await sh('sleep 600 & echo done')).toEqual({ exitCode: 0, stdout: 'done\n', stderr: '' });
      expect((await sh('echo again')).stdout).toBe('again\n');
    });

    it('runs many at once, without a mix-up of what they say', async () => {
      const sh = await running();
      for (const round of ['a', 'b']) {
        const said = await Promise.all(Array.from({ length: 6 }, (_, index) => sh(`echo ${round}${index}; echo e${index} >&2`)));
        expect(said).toEqual(said.map((_, index) => ({ exitCode: 0, stdout: `${round}${index}\n`, stderr: `e${index}\n` })));
      }
    });

    it('ends with its container', async () => {
      const id = await scene().start(await scene().run());
      const ended = scene().runtime.execSync(id, ['sh', '-c', 'touch /dev/shm/runs; exec sleep 600'], 0).then(({ exitCode }) => exitCode, (error: unknown) => (error as { code: string }).code);
      await vi.waitFor(async () => expect((await scene().runtime.execSync(id, ['ls', '/dev/shm/runs'], 5)).exitCode).toBe(0), PATIENCE);
      await scene().runtime.stopContainer(id, 0);
      expect([137, 'InvalidArgument']).toContain(await ended);
    });
  });
}
