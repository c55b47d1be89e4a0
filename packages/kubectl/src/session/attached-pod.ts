import type { Pod } from '@podling/shared/api';
import type { Factory } from '../factory.ts';
import { printStream } from '../io.ts';
import { podPath } from '../resource/attachable-pod.ts';

const EARLY_LOG_MS = 5_000;

/** What a container has written so far, as `kubectl logs` prints it. */
export async function printLogSoFar(factory: Factory, { metadata }: Pod, container: string, timeoutMs = EARLY_LOG_MS): Promise<void> {
  const path = podPath(metadata.namespace ?? '', metadata.name, 'log');
  const body = await (await factory.client()).stream({ path, query: { container }, accept: '*/*', timeoutMs, signal: AbortSignal.timeout(timeoutMs) });
  await printStream(factory.io, body);
}
