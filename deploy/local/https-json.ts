import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { KeyPairPaths } from '../pki/index.ts';

/** Who asks: the authority that the server must be signed by and the client's own pair. */
export interface HttpsIdentity {
  ca: string;
  client: KeyPairPaths;
}

interface Answer {
  status: number;
  body: string;
}

const timeoutMs = 5000;

/** One HTTPS request with a client certificate; with a body it is a POST of JSON. */
export async function askHttps(url: string, identity: HttpsIdentity, body?: unknown): Promise<Answer> {
  const [ca, cert, key] = await Promise.all([identity.ca, identity.client.cert, identity.client.key].map((file) => readFile(file)));
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request(url, { ca, cert, key, method, agent: false, timeout: timeoutMs, headers: { 'content-type': 'application/json' } }, (response) => {
      text(response).then((content) => resolve({ status: response.statusCode ?? 0, body: content }), reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url} within ${timeoutMs} ms`)));
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Says whether the server answers 200. */
export async function isHealthy(url: string, identity: HttpsIdentity): Promise<boolean> {
  return (await askHttps(url, identity)).status === 200;
}
