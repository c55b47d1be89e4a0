import type { ConnectionOptions } from '../../client-config.ts';
import { CommandError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import type { Fields } from '../../kubeconfig/kubeconfig-files.ts';
import type { Verb } from '../../verb.ts';
import { exactly, openFiles } from './command.ts';
import { fileFields } from './embedded-file.ts';

interface SetCredentialsOptions {
  embedCerts?: boolean;
  username?: string;
  password?: string;
}

type Credentials = SetCredentialsOptions & ConnectionOptions;

function checkOptions({ token, username, password, embedCerts, clientCertificate, clientKey }: Credentials): void {
  if ((token ?? '') !== '' && ((username ?? '') !== '' || (password ?? '') !== '')) {
    throw new CommandError('you cannot specify more than one authentication method at the same time: --token, --username/--password');
  }
  if (embedCerts === true && (clientCertificate ?? '') === '' && (clientKey ?? '') === '') {
    throw new CommandError('you must specify a --client-certificate or --client-key to embed');
  }
}

/** A token and a password exclude each other; an empty value removes one. */
function secrets(fields: Fields, { token, username, password }: Credentials): Fields {
  const { token: oldToken, username: oldUsername, password: oldPassword, ...rest } = fields;
  const basic = (username ?? '') !== '' || (password ?? '') !== '';
  const next: Fields = {
    token: token ?? (basic ? '' : oldToken),
    username: username ?? ((token ?? '') === '' ? oldUsername : ''),
    password: password ?? ((token ?? '') === '' ? oldPassword : ''),
  };
  return { ...rest, ...Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined && value !== '')) };
}

async function setCredentials(factory: Factory, words: string[], options: SetCredentialsOptions): Promise<number> {
  const [name = ''] = exactly(1, words, 'set-credentials NAME');
  if (name === '') throw new CommandError('you must specify a non-empty user name');
  const given: Credentials = { ...factory.options, ...options };
  checkOptions(given);
  const { clientCertificate, clientKey, embedCerts = false } = given;
  const files = await openFiles(factory);
  const withCertificate = await fileFields('client-certificate', clientCertificate, embedCerts, files.find('users', name)?.fields ?? {});
  files.put('users', name, secrets(await fileFields('client-key', clientKey, embedCerts, withCertificate), given));
  await files.save();
  factory.io.out(`User ${JSON.stringify(name)} set.\n`);
  return 0;
}

export const verb: Verb<SetCredentialsOptions> = {
  usage: 'NAME [--client-certificate=PATH] [--client-key=PATH] [--token=TOKEN] [flags]',
  flags: (command) => {
    command
      .option('--embed-certs', 'keep the content of the files, not their paths')
      .option('--username <name>', 'a name, for basic authentication')
      .option('--password <password>', 'and its password');
  },
  run: setCredentials,
};
