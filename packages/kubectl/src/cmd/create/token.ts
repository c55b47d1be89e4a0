import { Option } from 'commander';
import { ApiStatusError } from '@podling/shared/errors';
import type { TokenRequest } from '@podling/shared/api';
import { parseDuration } from '../../duration.ts';
import { CommandError, usageError } from '../../errors.ts';
import type { Factory } from '../../factory.ts';
import { collectEach, outputFlags } from '../../flags.ts';
import { createFormatter } from '../../printers/formatter.ts';
import type { ResultOptions } from '../../printers/result-printer.ts';
import type { Verb } from '../../verb.ts';

interface TokenOptions extends ResultOptions {
  audience?: string[];
  duration?: string;
  boundObjectKind?: string;
  boundObjectName?: string;
  boundObjectUid?: string;
}

const BOUND_KINDS = ['Node', 'Pod', 'Secret'];

function boundObject({ boundObjectKind: kind, boundObjectName: name = '', boundObjectUid: uid = '' }: TokenOptions): object {
  if (kind === undefined || kind === '') {
    if (name !== '') throw new CommandError('--bound-object-name can only be set if --bound-object-kind is provided');
    if (uid !== '') throw new CommandError('--bound-object-uid can only be set if --bound-object-kind is provided');
    return {};
  }
  if (!BOUND_KINDS.includes(kind)) throw new CommandError(`supported --bound-object-kind values are ${BOUND_KINDS.join(', ')}`);
  if (name === '') throw new CommandError('--bound-object-name is required if --bound-object-kind is provided');
  return { boundObjectRef: { kind, apiVersion: 'v1', name, ...(uid === '' ? {} : { uid }) } };
}

async function lifetime(duration: string): Promise<object> {
  if (duration.startsWith('-')) throw new CommandError('--duration must be greater than or equal to 0');
  const milliseconds = await parseDuration(duration, 'duration');
  if (milliseconds % 1000 !== 0) throw new CommandError('--duration cannot be expressed in units less than seconds');
  return milliseconds === 0 ? {} : { expirationSeconds: milliseconds / 1000 };
}

async function requestOf(options: TokenOptions): Promise<object> {
  const { audience = [], duration = '0' } = options;
  if (audience.includes('')) throw new CommandError('--audience must not be an empty string');
  const spec = { ...(audience.length === 0 ? {} : { audiences: audience }), ...(await lifetime(duration)), ...boundObject(options) };
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
}

async function requestToken(factory: Factory, path: string, body: object): Promise<TokenRequest> {
  try {
    return await (await factory.client()).request<TokenRequest>({ method: 'POST', path, body });
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
    throw new CommandError(`failed to create token: ${error.message}`, { cause: error });
  }
}

/** Asks for a token of a service account and prints it, with a line feed only on a terminal. */
async function createToken(factory: Factory, words: string[], options: TokenOptions): Promise<number> {
  const [name] = words;
  if (name === undefined || words.length !== 1) throw usageError('create token', `exactly one NAME is required, got ${words.length}`);
  const body = await requestOf(options);
  const path = `/api/v1/namespaces/${encodeURIComponent(await factory.namespace())}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const answer = await requestToken(factory, path, body);
  const token = answer.status?.token ?? '';
  if (token === '') throw new CommandError('failed to create token: no token in server response');
  if (options.output !== undefined) factory.io.out(await (await createFormatter({ ...options, output: options.output }))({ ...answer }));
  else factory.io.out(factory.io.terminal === undefined ? token : `${token}\n`);
  return 0;
}

export const verb: Verb<TokenOptions> = {
  usage: 'SERVICE_ACCOUNT_NAME [flags]',
  flags: (command) => {
    outputFlags(command);
    command
      .addOption(new Option('--audience <name>', 'who the token is for; the apiserver if not said').argParser(collectEach))
      .option('--duration <duration>', 'how long it is valid; 0 = as the server likes', '0')
      .option('--bound-object-kind <kind>', 'Pod, Secret or Node: the token ends with the object')
      .option('--bound-object-name <name>', 'the name of that object')
      .option('--bound-object-uid <uid>', 'its uid; the present one if not said');
  },
  run: createToken,
};
