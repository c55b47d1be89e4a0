import { Command } from 'commander';
import { loadVerbs } from '@podling/shared/command-line';
import type { LoadedLine } from '@podling/shared/command-line';
import { collectEach, numberOption } from './flags.ts';
import type { Verb, VerbTable } from './verb.ts';

/** The flags of every command: `GlobalOptions`. */
export function globalFlags(program: Command): Command {
  return program
    .option('--kubeconfig <path>', 'the kubeconfig file')
    .option('--context <name>', 'the context of the kubeconfig')
    .option('--cluster <name>', 'the cluster of the kubeconfig, in place of the context\'s')
    .option('--user <name>', 'the user of the kubeconfig, in place of the context\'s')
    .option('-n, --namespace <name>', 'the namespace')
    .option('-s, --server <url>', 'the address of the apiserver')
    .option('--certificate-authority <path>', "the certificate of the server's authority")
    .option('--insecure-skip-tls-verify', "do not verify the server's certificate")
    .option('--tls-server-name <name>', "the name in the server's certificate, if it is not the host's")
    .option('--client-certificate <path>', 'a certificate to authenticate with')
    .option('--client-key <path>', 'its private key')
    .option('--token <token>', 'a bearer token to authenticate with')
    .option('--as <user>', 'the user to act as')
    .option('--as-uid <uid>', 'the uid to act with')
    .option('--as-group <group>', 'a group to act in; may come several times', collectEach)
    .option('--as-user-extra <key=value>', 'more of the user to act as; may come several times', collectEach)
    .option('--request-timeout <duration>', 'how long one request may take, a watch and a followed log too; 0 = for ever')
    .option('--cache-dir <path>', 'where what servers say of their resources is kept; ~/.kube/cache if not said')
    .option('--warnings-as-errors', 'exit with 1 when the server warns of something')
    .addOption(numberOption('-v, --v <level>', 'from 6 up, requests are shown'));
}

/** Loads the commands that the words name, and no other. `globals` has the flags of every command. */
export function loadLine(words: readonly string[], verbs: VerbTable, globals: Command): Promise<LoadedLine<Verb>> {
  return loadVerbs(words, verbs, { globals, of: flagsOf });
}

function flagsOf(name: string, { flags }: Verb): Command {
  const command = new Command(name);
  flags?.(command);
  return command;
}
