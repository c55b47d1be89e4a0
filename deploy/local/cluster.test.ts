import { describe, expect, it } from 'vitest';
import { NoSuchClusterError, openCluster } from './cluster.ts';

describe('a cluster that has never been up', () => {
  const cluster = openCluster('never-been-up');

  it.each(['kubeconfigPath', 'nodes', 'apiserverUrl'] as const)('has no %s', (part) => {
    expect(() => cluster[part]).toThrow(NoSuchClusterError);
    expect(() => cluster[part]).toThrow('there is no cluster "never-been-up" on this machine');
  });
});
