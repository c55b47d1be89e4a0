import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench.ts';
import type { TestIo } from '../testing/test-io.ts';

const patient = { timeout: 10_000 };

/** Somebody reads them: the first event that is seen shows it. */
async function followed(bench: Bench, io: TestIo): Promise<void> {
  let count = 0;
  await expect.poll(async () => {
    await bench.pod(`first-${(count += 1)}`);
    return io.stdout.includes('first');
  }, patient).toBe(true);
}

describe('crictl events', () => {
  it('prints what happens, with the states of the pod and their times', async () => {
    const bench = await Bench.open();
    const { exitCode, stdout } = await bench.answer(['events', '-o', 'line'], async (io) => {
      await followed(bench, io);
      const id = await bench.container(await bench.pod('web'), 'web', 'main');
      bench.runtime.exitContainer(id, 3);
      await expect.poll(() => io.stdout, patient).toContain(`CONTAINER_STOPPED_EVENT ${id}`);
      io.interrupt();
    });
    expect(exitCode).toBe(0);
    const time = new Date(bench.clock.now()).toISOString().replace('.000Z', 'Z');
    expect(stdout).toMatch(new RegExp(`^${time} CONTAINER_STOPPED_EVENT fake-container-\\d+ default/web main=Exited\\(3\\)$`, 'm'));
    expect(stdout).toMatch(/CONTAINER_STARTED_EVENT fake-container-\d+ default\/web/);
  });

  it('prints documents of those that are wanted alone', async () => {
    const bench = await Bench.open();
    const { stdout } = await bench.answer(['events', '--type', 'CONTAINER_CREATED_EVENT', '--label', 'app=web'], async (io) => {
      await expect.poll(async () => {
        await bench.pod(`first-${Math.random()}`);
        await bench.pod(`second-${Math.random()}`, { labels: { app: 'web' } });
        return io.stdout !== '';
      }, patient).toBe(true);
      io.interrupt();
    });
    const first = JSON.parse(stdout.slice(0, stdout.indexOf('\n}\n') + 3)) as object;
    expect(first).toMatchObject({ containerEventType: 'CONTAINER_CREATED_EVENT', createdAt: `${bench.clock.now()}000000`, podSandboxStatus: { labels: { app: 'web' } }, containersStatuses: [] });
    expect(stdout).not.toContain('first-');
    expect((await bench.answer(['events', '-o', 'table'])).stderr).toContain('unsupported output format');
    expect((await bench.answer(['events', '--type', 'created,born'])).stderr).toContain('--type should be one of created, started, stopped, deleted, not \\"born\\"');
  });

  it('rides over a restart of the runtime and says so once', async () => {
    const bench = await Bench.open();
    const { stdout, stderr } = await bench.answer(['events', '-o', 'line'], async (io) => {
      await followed(bench, io);
      bench.runtime.setDown(true);
      await expect.poll(() => io.stderr, patient).toContain('the container runtime is away');
      for (let tries = 0; tries < 3; tries += 1) await bench.clock.advance(5_000);
      bench.runtime.setDown(false);
      await expect.poll(async () => {
        await bench.clock.advance(1_000);
        await bench.pod(`after-${Math.random()}`);
        return io.stdout.includes('default/after');
      }, patient).toBe(true);
      io.interrupt();
    });
    expect(stdout).toContain('default/after');
    expect(stderr.match(/is away/g)).toHaveLength(1);
  });
});
