import { runKubectl } from '../cli.ts';
import type { Connect } from '../factory.ts';
import type { FakeApi } from './fake-api.ts';
import { FakeIo } from './fake-io.ts';

export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs the words of a command line without a server, or with the one that `connect` gives. */
export function kubectlWords(words: readonly string[], io: FakeIo, connect?: Connect): Promise<number> {
  return runKubectl(words, io, connect);
}

/** Runs a command line, split at spaces, against a fake server. */
export async function kubectl(api: FakeApi, line: string, io: FakeIo = new FakeIo()): Promise<Outcome> {
  const words = ['-s', api.config.server, ...line.split(' ').filter((word) => word !== '')];
  io.env['KUBECONFIG'] ??= '/nonexistent/kubeconfig';
  const exitCode = await runKubectl(words, io, () => api);
  return { exitCode, stdout: io.stdout, stderr: io.stderr };
}
