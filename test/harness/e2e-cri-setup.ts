import { startE2eCluster } from './start-e2e-cluster.ts';

export const setup = (): Promise<() => Promise<void>> => startE2eCluster({ runtime: 'cri', network: 'bridge' });
