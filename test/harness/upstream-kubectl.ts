import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { toolchainDir } from '@podling/shared/process';
import { execa } from 'execa';

/** What a command left: its exit code and what it wrote, without the last line break. */
export interface Told {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** 1.32, the oldest that must work, and the newest that the toolchain can get. */
export const upstreamKubectls = {
  oldest: join(toolchainDir(), 'bin/kubectl'),
  newest: join(toolchainDir(), 'bin/kubectl-newest'),
};

const commandTimeoutMs = 120_000;

/** One user at one kubectl, in a folder of their own, whose home it is too. */
export class KubectlUser {
  readonly folder = mkdtempSync(join(tmpdir(), 'podling-kubectl-user-'));
  readonly #binary: string;
  readonly #environment: Record<string, string | undefined>;
  #namespace: readonly string[] = [];

  constructor(binary: string, kubeconfig: string) {
    this.#binary = binary;
    this.#environment = { KUBECONFIG: kubeconfig, HOME: this.folder, NO_COLOR: '1', FORCE_COLOR: undefined, TZ: 'UTC' };
  }

  /** From now on every command is about this namespace. */
  inNamespace(namespace: string): void {
    this.#namespace = ['-n', namespace];
  }

  /** For whoever runs it otherwise. */
  command(args: readonly string[]): { command: string[]; env: Record<string, string | undefined> } {
    return { command: [this.#binary, ...this.#namespace, ...args], env: this.#environment };
  }

  start(args: readonly string[], { input, env = {} }: { input?: string | Readable; env?: Record<string, string> } = {}) {
    return execa(this.#binary, [...this.#namespace, ...args], {
      cwd: this.folder, env: { ...this.#environment, ...env }, reject: false, timeout: commandTimeoutMs, ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    });
  }

  async run(args: readonly string[], options: { input?: string | Readable; env?: Record<string, string> } = {}): Promise<Told> {
    const { exitCode, stdout, stderr } = await this.start(args, options);
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }

  /** What it printed. Throws, with everything that was said, when the command fails. */
  async say(...args: string[]): Promise<string> {
    return this.#succeed(args);
  }

  /** As `say`, with text on standard input. */
  async pipe(input: string, ...args: string[]): Promise<string> {
    return this.#succeed(args, input);
  }

  /** What it complained. Throws when the command succeeds. */
  async fail(...args: string[]): Promise<string> {
    const told = await this.run(args);
    if (told.exitCode === 0) throw new Error(`kubectl ${args.join(' ')} did not fail: ${told.stdout}`);
    return told.stderr;
  }

  async #succeed(args: readonly string[], input?: string): Promise<string> {
    const told = await this.run(args, input === undefined ? {} : { input });
    if (told.exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${told.exitCode}: ${told.stderr}\n${told.stdout}`);
    return told.stdout;
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** A program for KUBE_EDITOR that runs `script` with the file as $1. */
  editor(script: string): string {
    const file = this.write('editor.sh', `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  leave(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
