import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';
import { keySourceFlags, readKeySources } from './key-sources.ts';
import type { KeySourceOptions } from './key-sources.ts';
import { makeSecret } from './make-secret.ts';

interface SecretOptions extends GeneratorOptions, KeySourceOptions {
  type?: string;
  appendHash?: boolean;
}

/** What is said of a key that comes twice. */
export const taken = (key: string): string => `cannot add key ${key}, another key by that name already exists`;

export const verb = generatorVerb<SecretOptions>({
  name: 'create secret generic',
  failure: 'failed to create secret',
  usage: 'NAME [--type=TYPE] [--from-file=[KEY=]PATH] [--from-literal=KEY=VALUE] [--from-env-file=PATH] [flags]',
  flags: (command) => {
    keySourceFlags(command);
    command.option('--type <type>', 'the type of the secret; Opaque if not said');
  },
  make: async (name, options, { io }) => {
    const keys = await readKeySources(options, { kind: 'Secret', envFile: 'secret', taken, env: io.env });
    return makeSecret(name, { type: options.type ?? '', keys }, options.appendHash);
  },
});
