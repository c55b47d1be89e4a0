import type { Pod } from '@podling/shared/api';
import { sanitizeLog } from '../printers/sanitize.ts';
import type { Factory } from '../factory.ts';
import { podPath } from '../resource/attachable-pod.ts';

const EARLY_LOG_MS = 5_000;

/** What a container has written so far, as `kubectl logs` prints it. */
export async function printLogSoFar(factory: Factory, { metadata }: Pod, container: string, timeoutMs = EARLY_LOG_MS): Promise<void> {
  const { io } = factory;
  const path = podPath(metadata.namespace ?? '', metadata.name, 'log');
  const body = await (await factory.client()).stream({ path, query: { container }, accept: '*/*', timeoutMs, signal: AbortSignal.timeout(timeoutMs) });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    io.out(io.terminal === undefined ? chunk : sanitizeLog(decoder.decode(chunk, { stream: true })));
    await io.flush();
  }
}
