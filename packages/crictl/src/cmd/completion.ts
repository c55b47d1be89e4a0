import { Command } from 'commander';
import { CommandError } from '../report.ts';
import type { Verb, VerbTable } from '../verb.ts';
import { addGlobalFlags } from '../settings.ts';

/** `verbs`: all commands, which only this one looks at together. */
export function completionVerb(verbs: VerbTable): Verb {
  return {
    usage: 'SHELL',
    description: 'Output shell completion code for bash, zsh or fish.\n\n  source <(crictl completion bash)\n  source <(crictl completion zsh)\n  crictl completion fish | source',
    run: async (session, words) => {
      const [shell = 'bash', ...more] = words;
      const script = scripts[shell];
      if (script === undefined || more.length > 0) throw new CommandError('only bash, zsh and fish are supported');
      session.out(script(await wordsOf(verbs)));
    },
  };
}

interface Words {
  global: string[];
  /** Flags and commands below, by the command. */
  commands: Map<string, { summary: string; words: string[] }>;
}

async function wordsOf(verbs: VerbTable): Promise<Words> {
  const commands = new Map<string, { summary: string; words: string[] }>();
  for (const [name, { summary, aliases = [], load }] of Object.entries(verbs)) {
    const command = new Command(name);
    const verb = await load();
    verb.flags?.(command);
    const words = [...Object.keys(verb.verbs ?? {}), ...flagsOf(command)];
    for (const one of [name, ...aliases]) commands.set(one, { summary, words });
  }
  return { global: flagsOf(addGlobalFlags(new Command('crictl'))), commands };
}

function flagsOf(command: Command): string[] {
  return [...command.options.flatMap(({ long, short }) => [long, short]), '--help'].filter((flag) => typeof flag === 'string');
}

const scripts: Record<string, (words: Words) => string> = { bash, zsh: (words) => `#compdef crictl\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`, fish };

function bash({ global, commands }: Words): string {
  const cases = [...commands].map(([name, { words }]) => `      ${name}) candidates="${words.join(' ')}" ;;`);
  return `_crictl() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= word candidates
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      ${[...commands.keys()].join('|')}) command=$word; break ;;
    esac
  done
  if [ -z "$command" ]; then
    candidates="${[...commands.keys()].join(' ')} ${global.join(' ')}"
  else
    case $command in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -o default -F _crictl crictl
`;
}

function fish({ global, commands }: Words): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  const flag = (one: string): string => (one.startsWith('--') ? `-l ${one.slice(2)}` : one.startsWith('-') ? `-s ${one.slice(1)}` : `-a ${one}`);
  const names = [...commands].map(([name, { summary }]) => `complete -c crictl -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`);
  const below = [...commands].flatMap(([name, { words }]) => words.map((word) => `complete -c crictl -n '__fish_seen_subcommand_from ${name}' ${flag(word)}`));
  return `${[...names, ...global.map((word) => `complete -c crictl -n __fish_use_subcommand ${flag(word)}`), ...below].join('\n')}\n`;
}
