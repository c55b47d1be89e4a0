import { join } from 'node:path';
import { execa } from 'execa';

const binary = join(import.meta.dirname, '../../bin/kubectl');

export interface KubectlResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs our kubectl against one kubeconfig; the answer is what a person would see. Never throws for a non-zero exit. */
export type Kubectl = (args: string[], input?: string) => Promise<KubectlResult>;

export function kubectlFor(kubeconfig: string, namespace = 'default'): Kubectl {
  return async (args, input) => {
    const { exitCode, stdout, stderr } = await execa(binary, namespace === 'default' ? args : [...args, '--namespace', namespace], {
      env: { KUBECONFIG: kubeconfig, NO_COLOR: '1', FORCE_COLOR: undefined },
      reject: false,
      timeout: 120_000,
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    });
    return { exitCode: exitCode ?? 1, stdout, stderr };
  };
}

/** The standard output of a command that has to succeed. */
export async function mustSucceed(kubectl: Kubectl, args: string[], input?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await kubectl(args, input);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${exitCode}: ${stderr || stdout}`);
  return stdout;
}
