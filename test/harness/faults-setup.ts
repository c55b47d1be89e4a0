import { startE2eCluster } from './start-e2e-cluster.ts';

/** A cluster for each worker: what one file does to its cluster, the file beside it does not feel. */
export async function setup(): Promise<() => Promise<void>> {
  const workers = Array.from({ length: Number(process.env['PODLING_FAULT_CLUSTERS'] ?? 1) }, (_, index) => index + 1);
  const stops = await Promise.all(workers.map((worker) => startE2eCluster({ runtime: 'native', network: 'flannel', worker })));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
