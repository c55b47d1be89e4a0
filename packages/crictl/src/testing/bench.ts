import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeRuntime } from '@podling/cri/fake';
import type { FakeRuntime, FakeRuntimeOptions } from '@podling/cri/fake';
import type { ContainerdTools } from '@podling/cri/containerd-tools';
import { createLocalConnection } from '@podling/cri/server';
import { FakeClock } from '@podling/shared/testing';
import { onTestFinished } from 'vitest';
import { runCrictl } from '../cli.ts';
import { TestIo } from './test-io.ts';

export interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** crictl on a runtime in memory, with a folder for its files. */
export class Bench {
  readonly clock = new FakeClock();
  readonly runtime: FakeRuntime;
  readonly folder: string;
  tools: Partial<ContainerdTools> | undefined;

  private constructor(folder: string, options: Partial<FakeRuntimeOptions>) {
    this.folder = folder;
    this.runtime = createFakeRuntime({ clock: this.clock, images: ['podling.local/toolbox:1'], ...options });
  }

  static async open(options: Partial<FakeRuntimeOptions> = {}): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), 'podling-crictl-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    return new Bench(folder, options);
  }

  /** `drive` works on what it is given while the command runs. */
  async answer(words: readonly string[], drive?: (io: TestIo) => Promise<void>): Promise<Answer> {
    const io = new TestIo(this.clock);
    const { tools } = this;
    const connected = { cri: createLocalConnection(this.runtime, this.clock), runtime: 'fake://', image: 'fake://', explain: async (error: unknown) => error, tools: tools && (async () => ({ reach: async () => undefined, ...tools }) as ContainerdTools) };
    const running = runCrictl(words, io, async () => connected);
    await drive?.(io);
    return { exitCode: await running, stdout: io.stdout, stderr: io.stderr };
  }

  /** What it prints, without the last newline. Fails when the command does. */
  async run(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.answer(words);
    if (exitCode !== 0) throw new Error(`crictl ${words.join(' ')}: ${exitCode}: ${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  async file(name: string, content: unknown): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  async pod(name: string, more: object = {}): Promise<string> {
    return this.run('runp', await this.podFile(name, more));
  }

  podFile(name: string, more: object = {}): Promise<string> {
    return this.file(`${name}.json`, { metadata: { name, namespace: 'default', uid: `uid-${name}` }, log_directory: this.folder, labels: { app: name }, ...more });
  }

  /** Made and started. */
  async container(pod: string, podName: string, name: string, more: object = {}): Promise<string> {
    const file = await this.file(`${name}.container.json`, { metadata: { name }, image: { image: 'podling.local/toolbox:1' }, log_path: `${name}/0.log`, ...more });
    const id = await this.run('create', pod, file, await this.podFile(podName));
    await this.run('start', id);
    return id;
  }
}
