import { defineConfig } from 'vitest/config';

const never = ['**/node_modules/**', '**/.nx/**'];

/** Files after each other in one process: what they import is loaded once, which was more than half of their work. */
const together = { isolate: false };

/** Files of faults/ have a cluster to themselves: so many clusters, and workers with one each. */
const faultClusters = Number(process.env['PODLING_FAULT_CLUSTERS'] ?? 1);

/** What says something about pods, which runs on every runtime. */
const podLife = ['pod-life', 'pod-objects', 'events', 'probes', 'volumes', 'security-context', 'resize', 'network', 'registry', 'dns', 'main-job', 'static-pods', 'kubelet-server', 'in-pod-client', 'streaming', 'logs', 'crictl'];

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          ...together,
          include: ['packages/**/*.test.ts', 'deploy/**/*.test.ts', 'test/unit/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...never, '**/*.integration.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          ...together,
          include: [
            'packages/**/*.integration.test.ts', 'deploy/**/*.integration.test.ts', 'test/integration/**/*.test.ts',
            // The API's promises hold on every store: the same files run on memory in the project `unit`.
            'packages/apiserver/src/api-tests/*.test.ts',
          ],
          exclude: [...never, '**/*.long.test.ts'],
          env: { PODLING_TEST_STORAGE: 'etcd3' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'component',
          ...together,
          include: ['test/component/**/*.test.ts'],
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          exclude: [...never, '**/*.long.test.ts'],
          globalSetup: ['test/harness/e2e-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // They wait more than they work; each file has a namespace of its own.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'e2e-cri',
          include: podLife.map((file) => `test/e2e/${file}.test.ts`),
          env: { PODLING_E2E_RUNTIME: 'cri' },
          globalSetup: ['test/harness/e2e-cri-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/e2e/faults/**/*.test.ts'],
          exclude: [...never, '**/*.long.test.ts'],
          env: { PODLING_FAULT_CLUSTERS: String(faultClusters) },
          globalSetup: ['test/harness/faults-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: faultClusters,
        },
      },
      {
        test: {
          name: 'long',
          globalSetup: ['test/harness/e2e-setup.ts'],
          include: ['test/e2e/**/*.long.test.ts'],
          exclude: never,
          testTimeout: 3_600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long-integration',
          include: ['test/integration/**/*.long.test.ts'],
          exclude: never,
          testTimeout: 3_600_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
