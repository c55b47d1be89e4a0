import { CommandError } from '../../errors.ts';
import { listOption } from '../../flags.ts';
import { generatorVerb } from './generator.ts';
import type { GeneratorOptions } from './generator.ts';
import { readKeySources } from './key-sources.ts';
import { makeSecret } from './make-secret.ts';
import { taken } from './secret-generic.ts';

interface RegistryOptions extends GeneratorOptions {
  dockerUsername?: string;
  dockerPassword?: string;
  dockerEmail?: string;
  dockerServer: string;
  fromFile?: string[];
  appendHash?: boolean;
}

/** What container tools keep in `~/.docker/config.json`. */
function dockerConfig({ dockerUsername = '', dockerPassword = '', dockerEmail = '', dockerServer }: RegistryOptions): Buffer {
  const entry = {
    username: dockerUsername,
    password: dockerPassword,
    ...(dockerEmail === '' ? {} : { email: dockerEmail }),
    auth: Buffer.from(`${dockerUsername}:${dockerPassword}`).toString('base64'),
  };
  return Buffer.from(JSON.stringify({ auths: { [dockerServer]: entry } }));
}

async function keysOf(options: RegistryOptions, env: Readonly<Record<string, string | undefined>>): Promise<Map<string, Buffer>> {
  const { fromFile = [], dockerUsername = '', dockerPassword = '', dockerServer } = options;
  if (fromFile.length === 0 && [dockerUsername, dockerPassword, dockerServer].includes('')) {
    throw new CommandError('either --from-file or the combination of --docker-username, --docker-password and --docker-server is required');
  }
  if (fromFile.length > 0) return readKeySources({ fromFile }, { kind: 'Secret', envFile: 'secret', taken, env });
  return new Map([['.dockerconfigjson', dockerConfig(options)]]);
}

export const verb = generatorVerb<RegistryOptions>({
  name: 'create secret docker-registry',
  failure: 'failed to create secret',
  usage: 'NAME --docker-username=USER --docker-password=PASSWORD [--docker-server=HOST] [flags]',
  flags: (command) => {
    command
      .option('--docker-username <user>', 'the user at the registry')
      .option('--docker-password <password>', 'the password there')
      .option('--docker-email <address>', 'the e-mail address there')
      .option('--docker-server <host>', 'the registry', 'https://index.docker.io/v1/')
      .addOption(listOption('--from-file <[key=]path>', 'a config.json of container tools'))
      .option('--append-hash', 'put a hash of the content behind the name');
  },
  make: async (name, options, { io }) => makeSecret(name, { type: 'kubernetes.io/dockerconfigjson', keys: await keysOf(options, io.env) }, options.appendHash),
});
