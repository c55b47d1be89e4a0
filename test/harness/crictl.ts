import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCrictl } from '@podling/crictl';
import { TestIo } from '@podling/crictl/testing';
import { execa } from 'execa';
import type { ContainerdNode } from './containerd-node.ts';

const program = fileURLToPath(new URL('../../bin/crictl', import.meta.url));

export interface CrictlAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** crictl with a configuration file of its own. */
export class Crictl {
  readonly configFile: string;
  readonly #enter: readonly string[];

  constructor(configFile: string, enter: readonly string[]) {
    this.configFile = configFile;
    this.#enter = enter;
  }

  /** On a native node, as `crictl.yaml` says it. */
  static async native(node: ContainerdNode, pauseImage: string): Promise<Crictl> {
    return Crictl.#with(node, {
      'runtime-endpoint': `native://${node.address}`, 'containerd-namespace': node.namespace, 'containerd-state-dir': node.stateDir, 'cni-conf-dir': node.cniConfDir,
      'cni-bin-dir': node.cniBinDir, 'nerdctl-data-root': node.nerdctlDataRoot, 'pod-infra-container-image': pauseImage,
    });
  }

  static async remote(node: ContainerdNode, settings: Record<string, string> = {}): Promise<Crictl> {
    return Crictl.#with(node, { 'runtime-endpoint': `unix://${node.address}`, ...settings });
  }

  static async #with(node: ContainerdNode, settings: Record<string, string>): Promise<Crictl> {
    const configFile = join(node.folder, 'crictl.yaml');
    await writeFile(configFile, Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`).join(''));
    return new Crictl(configFile, node.enter);
  }

  /** In this process. `drive` works on what it is given while the command runs. */
  async answer(words: readonly string[], drive?: (io: TestIo) => Promise<void>): Promise<CrictlAnswer> {
    const io = new TestIo();
    io.env['CRI_CONFIG_FILE'] = this.configFile;
    const running = runCrictl(words, io);
    await drive?.(io);
    const exitCode = await running;
    return { exitCode, stdout: io.stdout, stderr: io.stderr };
  }

  /** What it prints, without the last newline. Fails when the command does. */
  async run(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.answer(words);
    if (exitCode !== 0) throw new Error(`crictl ${words.join(' ')}: ${exitCode}: ${stderr}`);
    return stdout.replace(/\n$/, '');
  }

  /** The program itself, in the node's network. */
  program(...words: string[]) {
    return execa(this.command[0] ?? '', [...this.command.slice(1), ...words], { env: { CRI_CONFIG_FILE: this.configFile }, reject: false });
  }

  get command(): string[] {
    return [...this.#enter, program];
  }
}
