import { Command } from 'commander';
import { firstPlainWord } from './arguments.ts';
import { collectEach } from './flags.ts';
import { findVerb } from './verb.ts';
import type { Verb, VerbEntry, VerbTable } from './verb.ts';

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
    .option('-v, --v <level>', 'from 6 up, requests are shown');
}

/** A command of the line as typed, loaded. */
export interface TypedVerb {
  name: string;
  entry: VerbEntry;
  verb: Verb;
}

export interface LoadedLine {
  typed: TypedVerb[];
  /** The words that are left, flags among them. */
  rest: string[];
  /** The commands below the last. */
  below: VerbTable;
  /** Commands that only know the flags that may be among `rest`. */
  known: Command[];
}

/** Loads the commands that the words name, and no other. */
export async function loadVerbs(words: readonly string[], verbs: VerbTable): Promise<LoadedLine> {
  const typed: TypedVerb[] = [];
  const known = [globalFlags(new Command())];
  let rest = [...words];
  let below = verbs;
  for (;;) {
    const index = firstPlainWord(rest, known);
    const found = index < 0 ? undefined : findVerb(below, rest[index] ?? '');
    if (found === undefined) return { typed, rest, below, known };
    const [name, entry] = found;
    const verb = await entry.load();
    typed.push({ name, entry, verb });
    const flags = new Command(name);
    verb.flags?.(flags);
    known.push(flags);
    rest = rest.toSpliced(index, 1);
    below = verb.verbs ?? {};
  }
}
