import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../errors.ts';

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;
/** Between two attempts; upstream's figure. */
const PAUSE_MS = 1_000;
const MOST_BYTES = 64 * 1024 * 1024;

async function bodyOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unreadable(url: string, error: unknown): never {
  const { cause, message } = error as Error;
  throw new CommandError(`unable to read URL ${JSON.stringify(url)}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
}

/** The machine's certificates, which the way to the apiserver does without. */
function trustTheMachine(): void {
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls');
  setDefaultCACertificates([...getCACertificates('system'), ...getCACertificates('extra')]);
}

/** What a web server has there, as text. A server that fails is asked three times, a `pause` apart. */
export async function readManifestUrl(url: string, pause: () => Promise<void> = () => sleep(PAUSE_MS)): Promise<string> {
  if (url.startsWith('https:')) trustTheMachine();
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => unreadable(url, error));
    if (response.ok) return bodyOf(response).catch((error: unknown) => unreadable(url, error));
    await response.body?.cancel();
    const { status, statusText } = response;
    if (status < 500 || attempt === ATTEMPTS) throw new CommandError(`unable to read URL ${JSON.stringify(url)}, server reported ${status} ${statusText}, status code=${status}`);
    await pause();
  }
}
