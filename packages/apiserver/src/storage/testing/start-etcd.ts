/** A private etcd for tests: random loopback ports, its own temporary folder, gone after `stop`. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolchainDir } from '@podling/shared/process';
import { systemClock } from '@podling/shared/util';

export interface TestEtcd {
  /** URL for clients. */
  endpoint: string;
  pid: number;
  /** Sends `signal` (default SIGKILL) and waits for the end of the process. The data stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same ports and data. */
  start(): Promise<void>;
  /** Forgets the history before `revision`, at once on disk. */
  compact(revision: string): Promise<void>;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

export interface TestEtcdOptions {
  /** PEM files; clients must then come with a certificate of `ca`. */
  tls?: { ca: string; cert: string; key: string };
  args?: readonly string[];
}

const startAttempts = 3;
const startTimeoutMs = 30_000;

/** Starts etcd from the toolchain folder and waits until it answers. Fails with the tail of its log. */
export async function startEtcd(options: TestEtcdOptions = {}): Promise<TestEtcd> {
  for (let attempt = 1; ; attempt += 1) {
    const etcd = new EtcdProcess(await mkdtemp(join(tmpdir(), 'podling-etcd-')), await freePorts(), options);
    try {
      await etcd.start();
      return etcd;
    } catch (error) {
      await etcd.stop();
      // Somebody else may have taken a port in between.
      if (attempt === startAttempts || !String(error).includes('address already in use')) throw error;
    }
  }
}

class EtcdProcess implements TestEtcd {
  readonly endpoint: string;
  readonly #folder: string;
  readonly #arguments: string[];
  readonly #options: TestEtcdOptions;
  #child: ChildProcess | undefined;
  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGKILL');
  };

  constructor(folder: string, ports: { client: number; peer: number }, options: TestEtcdOptions) {
    this.#folder = folder;
    this.#options = options;
    this.endpoint = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${ports.client}`;
    const peer = `http://127.0.0.1:${ports.peer}`;
    this.#arguments = [
      '--name=test', `--data-dir=${join(folder, 'data')}`, '--log-level=warn', '--unsafe-no-fsync',
      // One member has nobody to wait for: a second less until it serves.
      '--heartbeat-interval=10', '--election-timeout=100',
      `--listen-client-urls=${this.endpoint}`, `--advertise-client-urls=${this.endpoint}`,
      `--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=test=${peer}`,
      ...tlsArguments(options.tls), ...(options.args ?? []),
    ];
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('etcd is not running');
    return this.#child.pid;
  }

  async start(): Promise<void> {
    const log = createWriteStream(join(this.#folder, 'etcd.log'), { flags: 'a' });
    await once(log, 'open');
    const child = spawn(join(toolchainDir(), 'bin', 'etcd'), this.#arguments, { stdio: ['ignore', log, log] });
    this.#child = child;
    process.once('exit', this.#killAtExit);
    child.once('error', () => undefined);
    child.once('close', () => log.end());
    await this.#ready(child);
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    process.removeListener('exit', this.#killAtExit);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async compact(revision: string): Promise<void> {
    await this.#post('/v3/kv/compaction', JSON.stringify({ revision, physical: true }));
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = systemClock.now() + startTimeoutMs;
    while (child.exitCode === null && child.signalCode === null && child.pid !== undefined && systemClock.now() < deadline) {
      const health = await this.#get('/health').catch(() => '');
      if (health.includes('"true"')) return;
      await systemClock.sleep(20);
    }
    const log = await readFile(join(this.#folder, 'etcd.log'), 'utf8').catch(() => '');
    throw new Error(`etcd did not start: ${log.slice(-2000)}`);
  }

  #get(path: string): Promise<string> {
    return this.#request('GET', path);
  }

  #post(path: string, body: string): Promise<string> {
    return this.#request('POST', path, body);
  }

  async #request(method: string, path: string, body?: string): Promise<string> {
    const files = this.#options.tls;
    const tls = files && { ca: await readFile(files.ca), cert: await readFile(files.cert), key: await readFile(files.key) };
    const send = tls === undefined ? httpRequest : httpsRequest;
    return new Promise((resolve, reject) => {
      const request = send(this.endpoint + path, { method, ...tls, agent: false }, async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`etcd ${method} ${path}: ${response.statusCode} ${text}`));
      });
      request.once('error', reject).end(body);
    });
  }
}

function tlsArguments(tls: TestEtcdOptions['tls']): string[] {
  if (tls === undefined) return [];
  return ['--client-cert-auth', `--trusted-ca-file=${tls.ca}`, `--cert-file=${tls.cert}`, `--key-file=${tls.key}`];
}

async function freePorts(): Promise<{ client: number; peer: number }> {
  const servers = await Promise.all([listen(), listen()]);
  const [client = 0, peer = 0] = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { client, peer };
}

async function listen(): Promise<ReturnType<typeof createServer>> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
