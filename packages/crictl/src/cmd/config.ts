import { existsSync } from 'node:fs';
import { ConfigFile, fileSettings } from '../config-file.ts';
import { listed } from '../listing/filters.ts';
import { clearScreen, table } from '../output/table.ts';
import { CommandError } from '../report.ts';
import { configPath } from '../settings.ts';
import type { Verb } from '../verb.ts';

interface Options {
  get?: string;
  list?: boolean;
  set?: string[];
}

export const verb: Verb = {
  usage: '[NAME VALUE]',
  description: `Get, set and list crictl configuration options: ${fileSettings.join(', ')}. Every global flag may stand in the file too.`,
  flags: (command) => {
    command
      .option('--get <name>', 'show an option')
      .option('--list', 'show all options')
      .option('--set <name=value>', 'set options, several with commas', listed);
  },
  run: async (session, words, { get, list = false, set }: Options) => {
    const file = new ConfigFile(configPath(session.flags, session.io.env));
    if (!existsSync(file.path)) file.write();
    if (get !== undefined) return session.out(`${file.show(get)}\n`);
    if (set !== undefined) return change(file, set.map(pairOf));
    if (list) return session.out(`${session.io.outIsTerminal ? clearScreen : ''}${table([['KEY', 'VALUE'], ...fileSettings.map((name) => [name, file.show(name)])])}`);
    const [name, value = ''] = words;
    if (name === undefined) throw new CommandError('one of --get, --set and --list is wanted');
    session.say('info', `No --get, --set or --list provided, setting key ${JSON.stringify(name)} to value ${JSON.stringify(value)}`);
    change(file, [[name, value]]);
  },
};

function change(file: ConfigFile, pairs: readonly (readonly [string, string])[]): void {
  for (const [name, value] of pairs) file.set(name, value);
  file.write();
}

function pairOf(setting: string): [string, string] {
  const at = setting.indexOf('=');
  if (at < 0) throw new CommandError(`incorrectly specified option: ${setting}`);
  return [setting.slice(0, at), setting.slice(at + 1)];
}
