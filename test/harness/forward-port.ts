import { waitUntil } from '@podling/deploy/observe';
import type { KubectlUser } from './upstream-kubectl.ts';

export interface ForwardedPort {
  port: number;
  url: string;
  /** What kubectl has said. */
  said(): string;
  stop(): Promise<void>;
}

/** `kubectl port-forward` from a free port, once it listens. */
export async function forwardPort(user: KubectlUser, target: string, port: number, env: Record<string, string> = {}): Promise<ForwardedPort> {
  const forward = user.start(['port-forward', '--address', '127.0.0.1', target, `:${port}`], { env });
  let said = '';
  for (const output of [forward.stdout, forward.stderr]) output?.on('data', (data: Buffer) => (said += data.toString()));
  const local = (): number => Number(/Forwarding from 127\.0\.0\.1:(\d+) ->/.exec(said)?.[1] ?? 0);
  await waitUntil('port-forward to listen', async () => local() !== 0, { timeoutMs: 20_000 });
  return {
    port: local(),
    url: `http://127.0.0.1:${local()}/`,
    said: () => said,
    stop: async () => {
      forward.kill('SIGTERM');
      await forward;
    },
  };
}
