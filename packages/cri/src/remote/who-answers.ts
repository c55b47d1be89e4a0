import { Client, Metadata, status } from '@grpc/grpc-js';
import type { Target } from './endpoint.ts';

/** Who serves gRPC without CRI v1: containerd itself, a runtime of CRI's version before, or another. */
export async function whoAnswers({ address, credentials, options }: Target, timeoutMs: number): Promise<'containerd' | 'v1alpha2' | 'other'> {
  const client = new Client(address, credentials, options);
  try {
    if (await serves(client, '/runtime.v1alpha2.RuntimeService/Version', timeoutMs)) return 'v1alpha2';
    return (await serves(client, '/containerd.services.version.v1.Version/Version', timeoutMs)) ? 'containerd' : 'other';
  } finally {
    client.close();
  }
}

/** With an empty message, which every method can read. */
function serves(client: Client, path: string, timeoutMs: number): Promise<boolean> {
  const bytes = (value: Buffer): Buffer => value;
  return new Promise((resolve) => {
    const deadline = { deadline: Date.now() + timeoutMs };
    client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), new Metadata(), deadline, (error) => resolve(error === null || error.code !== status.UNIMPLEMENTED && error.code !== status.UNAVAILABLE));
  });
}
