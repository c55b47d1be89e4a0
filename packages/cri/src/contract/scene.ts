import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { CriError } from '../cri.ts';
import type { ContainerConfig, ContainerStatus, CriRuntime, PodSandboxConfig } from '../cri.ts';
import { logFilePaths } from '../log-path.ts';

/** A runtime under test and the ground it stands on. */
export interface CriFixture {
  runtime: CriRuntime;
  images: {
    pause: string;
    /** Has `/bin/sh` and busybox' applets; CMD `/bin/sh`, no ENTRYPOINT. */
    toolbox: string;
    /** ENTRYPOINT `/bin/echo entry`, CMD `cmd`, ENV `FROM_IMAGE=yes`, working directory `/work`. */
    entrypoint: string;
    /** USER `web` (33:34), who is in groups 50 and 60 too, root is in 60; STOPSIGNAL SIGINT. Has `/bin/sh` and `id`. */
    accounts: string;
  };
  /** A folder on a shared mount of the node. */
  sharedFolder: string;
  /** Name of the node's network namespace, as /proc/PID/ns/net links to it. */
  nodeNetwork: string;
  /** A fresh folder for logs and mounts. */
  folder: string;
  cgroupParent: string;
  cleanup(): Promise<void>;
}

/** For what a runtime needs a moment for. */
export const PATIENCE = { timeout: 20_000, interval: 20 };

export interface LogLine {
  stream: string;
  tag: string;
  text: string;
}

/** Everything the suite makes is made and found through here, so that each test can leave nothing. */
export class Scene {
  readonly fixture: CriFixture;
  readonly sandboxes: string[] = [];

  constructor(fixture: CriFixture) {
    this.fixture = fixture;
  }

  get runtime(): CriRuntime {
    return this.fixture.runtime;
  }

  sandboxConfig(overrides: Partial<PodSandboxConfig> = {}): PodSandboxConfig {
    const uid = randomUUID();
    return {
      metadata: { name: 'web', namespace: 'default', uid, attempt: 0 },
      hostname: 'web',
      logDirectory: join(this.fixture.folder, 'logs', uid),
      portMappings: [],
      labels: { 'io.kubernetes.pod.uid': uid, app: 'web' },
      annotations: { 'example.com/note': 'kept' },
      cgroupParent: this.fixture.cgroupParent,
      ...overrides,
    };
  }

  containerConfig(overrides: Partial<ContainerConfig> = {}): ContainerConfig {
    const metadata = overrides.metadata ?? { name: 'main', attempt: 0 };
    return {
      metadata,
      image: this.fixture.images.toolbox,
      command: ['sleep', '600'], args: [], workingDir: '', env: [], mounts: [], annotations: {},
      labels: { 'io.kubernetes.container.name': metadata.name },
      logPath: join(metadata.name, `${metadata.attempt}.log`),
      stdin: false, tty: false, linux: {},
      ...overrides,
    };
  }

  async run(config: PodSandboxConfig = this.sandboxConfig()): Promise<{ id: string; config: PodSandboxConfig }> {
    const id = await this.runtime.runPodSandbox(config);
    this.sandboxes.push(id);
    return { id, config };
  }

  async start(sandbox: { id: string; config: PodSandboxConfig }, overrides: Partial<ContainerConfig> = {}): Promise<string> {
    const id = await this.runtime.createContainer(sandbox.id, this.containerConfig(overrides), sandbox.config);
    await this.runtime.startContainer(id);
    return id;
  }

  ended(id: string): Promise<ContainerStatus> {
    return vi.waitFor(async () => {
      const status = await this.runtime.containerStatus(id);
      expect(status.state).toBe('CONTAINER_EXITED');
      return status;
    }, PATIENCE);
  }

  /** Runs `sh -c script` to its end in a sandbox of its own, unless one is given. */
  async script(script: string, overrides: Partial<ContainerConfig> = {}, sandbox?: { id: string; config: PodSandboxConfig }): Promise<{ status: ContainerStatus; lines: LogLine[]; text: string }> {
    const home = sandbox ?? (await this.run());
    const id = await this.start(home, { command: ['sh', '-c', script], metadata: { name: `script-${randomUUID().slice(0, 8)}`, attempt: 0 }, ...overrides });
    const status = await this.ended(id);
    const lines = await this.wholeLog(status);
    return { status, lines, text: lines.filter(({ stream }) => stream === 'stdout').map(({ text }) => text).join('\n') };
  }

  /** The log once the container's streams have been read to their end: removing the container waits for that. */
  async wholeLog(status: ContainerStatus): Promise<LogLine[]> {
    await this.runtime.removeContainer(status.id);
    return readLog(status.logPath);
  }

  async clear(): Promise<void> {
    for (const id of this.sandboxes.splice(0)) await this.runtime.removePodSandbox(id);
  }
}

export function readLog(path: string): LogLine[] {
  const text = logFilePaths(path).map((file) => readFileSync(file, 'utf8')).join('');
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, stream, tag, content] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z (stdout|stderr) ([FP]) (.*)$/s.exec(line) ?? [];
    if (stream === undefined || tag === undefined || content === undefined) throw new Error(`not a CRI log line: ${line}`);
    return { stream, tag, text: content };
  });
}

export async function errorCode(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  return error instanceof CriError ? error.code : `not a CriError: ${String(error)}`;
}
