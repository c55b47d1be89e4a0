import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureControlPlaneCertificates } from '@podling/deploy/pki';
import { measure } from './measure.ts';
import type { Measured } from './measure.ts';
import type { Target } from './target.ts';
import { startApiserver, startFloor } from './targets.ts';

/** Measures the API beside the least that a server on the same parts must do, one after the other in one run. */
export async function run([pods = '10000', watchers = '1000']: string[]): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'podling-bench-api-'));
  try {
    const certificates = await ensureControlPlaneCertificates(folder, { ips: ['127.0.0.1'] });
    const sizes = { pods: Number(pods), watchers: Number(watchers) };
    const measureOn = async (target: Target): Promise<Measured> => measure(target, sizes).finally(() => target.stop());
    const floor = await measureOn(await startFloor(certificates));
    const podling = await measureOn(await startApiserver(certificates));
    return report(podling, floor);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ratio = (ours: number, theirs: number): number => Number((ours / theirs).toFixed(2));

function report(podling: Measured, floor: Measured): unknown {
  return {
    benchmark: 'api',
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
    ratios: {
      create64: ratio(podling.create64.perSecond, floor.create64.perSecond),
      get16: ratio(podling.get16.perSecond, floor.get16.perSecond),
      listTime: ratio(podling.list.p50Ms, floor.list.p50Ms),
      listBytesPerMs: ratio(podling.list.bytes / podling.list.p50Ms, floor.list.bytes / floor.list.p50Ms),
      listNothingTime: ratio(podling.listNothing.p50Ms, floor.listNothing.p50Ms),
      watchBurstEventsPerSecond: ratio(podling.watch.burst.eventsPerSecond, floor.watch.burst.eventsPerSecond),
      watchCpuPerEvent: ratio(podling.watch.burst.cpuMicrosPerEvent, floor.watch.burst.cpuMicrosPerEvent),
    },
    podling,
    floor,
  };
}
