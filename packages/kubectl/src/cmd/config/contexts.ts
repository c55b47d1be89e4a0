import { CommandError } from '../../errors.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';

export const currentContext: Verb = {
  run: async (factory, words) => {
    exactly(0, words, 'current-context');
    const name = (await openFiles(factory)).currentContext;
    if (name === '') throw new CommandError('current-context is not set');
    factory.io.out(`${name}\n`);
    return 0;
  },
};

export const useContext: Verb = {
  usage: 'NAME [flags]',
  run: async (factory, words) => {
    const [name = ''] = exactly(1, words, 'use-context NAME');
    if (name === '') throw new CommandError('empty context names are not allowed');
    const files = await openFiles(factory);
    if (files.find('contexts', name) === undefined) throw new CommandError(`no context exists with the name: ${JSON.stringify(name)}`);
    files.currentContext = name;
    await files.save();
    factory.io.out(`Switched to context ${JSON.stringify(name)}.\n`);
    return 0;
  },
};

export const renameContext: Verb = {
  usage: 'NAME NEW_NAME [flags]',
  run: async (factory, words) => {
    const [name = '', newName = ''] = exactly(2, words, 'rename-context NAME NEW_NAME');
    if (newName === '') throw new CommandError('You must specify a new non-empty context name');
    const files = await openFiles(factory);
    const entry = files.find('contexts', name);
    const quoted = JSON.stringify(name);
    if (entry === undefined) throw new CommandError(`cannot rename the context ${quoted}, it's not in ${files.path}`);
    if (files.find('contexts', newName) !== undefined) {
      throw new CommandError(`cannot rename the context ${quoted}, the context ${JSON.stringify(newName)} already exists in ${files.path}`);
    }
    files.delete('contexts', name);
    files.put('contexts', newName, entry.fields);
    if (files.currentContext === name) files.currentContext = newName;
    await files.save();
    factory.io.out(`Context ${quoted} renamed to ${JSON.stringify(newName)}.\n`);
    return 0;
  },
};
