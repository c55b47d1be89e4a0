import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Agent, request } from 'undici';
import type { Status } from '@podling/shared/api';
import { createTestAuthority } from './certificates.ts';
import type { PemPair, TestAuthority } from './certificates.ts';
import { TestServer } from './test-server.ts';
import type { TestServerOptions } from './test-server.ts';

export interface SecureAnswer {
  code: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  status: Status;
}

/** A {@link TestServer} with a secure port beside, and certificates for whoever a test wants to be. */
export class SecureTestServer {
  readonly plain = new TestServer();
  readonly #agents: Agent[] = [];
  #authority: TestAuthority | undefined;
  folder = '';

  /** Makes the folder, for files that the options name. */
  async prepare(): Promise<void> {
    this.folder ||= await mkdtemp(join(tmpdir(), 'apiserver-secure-'));
  }

  async start(options: TestServerOptions = {}): Promise<void> {
    await this.prepare();
    this.#authority = await createTestAuthority('test-ca');
    const { cert, key } = await this.#authority.issue('server');
    const [clientCaFile, tlsCertFile, tlsPrivateKeyFile] = await Promise.all([
      this.write('ca.crt', this.#authority.cert), this.write('server.crt', cert), this.write('server.key', key),
    ]);
    await this.plain.start({ ...options, serving: { bindAddresses: ['127.0.0.1'], port: 0, clientCaFile, tlsCertFile, tlsPrivateKeyFile } });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.destroy()));
    await this.plain.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A file in the server's folder, which goes with it. */
  async write(name: string, text: string): Promise<string> {
    const file = join(this.folder, name);
    await writeFile(file, text);
    return file;
  }

  /** What a client of its own shows of itself. */
  async identity(name?: string, group?: string): Promise<{ ca: string } & Partial<PemPair>> {
    return { ca: this.#authority?.cert ?? '', ...(name === undefined ? {} : await this.#authority?.issue(name, group)) };
  }

  /** Connections of a user with a certificate; without a name, of nobody. */
  async agent(name?: string, group?: string): Promise<Agent> {
    const agent = new Agent({ connect: await this.identity(name, group) });
    this.#agents.push(agent);
    return agent;
  }

  async send(
    dispatcher: Agent, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<SecureAnswer> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await request(this.plain.url + path, { dispatcher, method, headers: { 'content-type': 'application/json', ...headers }, ...content });
    const text = await answer.body.text();
    return { code: answer.statusCode, headers: answer.headers, text, status: text.startsWith('{') ? (JSON.parse(text) as Status) : ({} as Status) };
  }
}

/** One secure server for the tests of a file. */
export function useSecureServer(options: TestServerOptions = {}): SecureTestServer {
  const server = new SecureTestServer();
  beforeAll(() => server.start(options));
  afterAll(() => server.stop());
  return server;
}
