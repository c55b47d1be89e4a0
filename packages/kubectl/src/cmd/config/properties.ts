import { setProperty, unsetProperty } from '../../kubeconfig/property-path.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';

export const set: Verb<{ setRawBytes?: boolean }> = {
  usage: 'PROPERTY VALUE [flags]',
  flags: (command) => {
    command.option('--set-raw-bytes', 'the value of a -data field comes as it is, not in base64');
  },
  run: async (factory, words, { setRawBytes = false }) => {
    const [property = '', value = ''] = exactly(2, words, 'set PROPERTY VALUE');
    const files = await openFiles(factory);
    setProperty(files, property, value, setRawBytes);
    await files.save();
    factory.io.out(`Property ${JSON.stringify(property)} set.\n`);
    return 0;
  },
};

export const unset: Verb = {
  usage: 'PROPERTY [flags]',
  run: async (factory, words) => {
    const [property = ''] = exactly(1, words, 'unset PROPERTY');
    const files = await openFiles(factory);
    unsetProperty(files, property);
    await files.save();
    factory.io.out(`Property ${JSON.stringify(property)} unset.\n`);
    return 0;
  },
};
