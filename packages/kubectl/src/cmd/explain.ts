import { CommandError } from '../errors.ts';
import type { Factory } from '../factory.ts';
import { explainHead, explainText } from '../printers/explain.ts';
import { readOpenApi, schemaOf } from '../resource/open-api.ts';
import type { RestMapping } from '../resource/rest-mapping.ts';
import type { Verb } from '../verb.ts';

export interface ExplainOptions {
  recursive?: boolean;
  apiVersion?: string;
  output?: string;
}

/** `pods.spec.containers`; the group of a resource may hold dots too, as in `leases.coordination.k8s.io.spec`. */
async function resolvePath(factory: Factory, path: string): Promise<{ mapping: RestMapping; fields: string[] }> {
  const mapper = await factory.mapper();
  const words = path.split('.').filter((word) => word !== '');
  for (let length = words.length; length > 1; length -= 1) {
    const [mapping] = await mapper.resolve(words.slice(0, length).join('.')).catch(() => []);
    if (mapping !== undefined) return { mapping, fields: words.slice(length) };
  }
  const [mapping] = await mapper.resolve(words[0] ?? '');
  if (mapping === undefined) throw new CommandError(`the server doesn't have a resource type "${words[0]}"`);
  return { mapping, fields: words.slice(1) };
}

async function inVersion(factory: Factory, mapping: RestMapping, apiVersion: string | undefined): Promise<RestMapping> {
  if (apiVersion === undefined) return mapping;
  const found = await (await factory.mapper()).forKind(apiVersion, mapping.kind);
  if (found === undefined) throw new CommandError(`couldn't find resource for "${apiVersion}, Kind=${mapping.kind}"`);
  return found;
}

/** Shows what a resource or a field of it means, as the server describes it. */
export async function explain(factory: Factory, words: string[], options: ExplainOptions): Promise<number> {
  const { recursive = false, output = 'plaintext' } = options;
  const [path, ...rest] = words;
  if (path === undefined) throw new CommandError('You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.');
  if (rest.length > 0) throw new CommandError('We accept only this format: explain RESOURCE');
  if (output !== 'plaintext') throw new CommandError(`unrecognized format: ${output}: only plaintext is there`);
  const { mapping: typed, fields } = await resolvePath(factory, path);
  const mapping = await inVersion(factory, typed, options.apiVersion);
  const { group, version, kind } = mapping;
  const document = await readOpenApi(factory, mapping);
  const text = explainText({ group, version, kind, document, schema: schemaOf(document, mapping), fields, recursive });
  factory.io.out(text ?? explainHead(mapping));
  if (text === undefined) throw new CommandError(`field "${fields.at(-1)}" does not exist`);
  return 0;
}

export const verb: Verb<ExplainOptions> = {
  usage: 'TYPE[.FIELD...] [flags]',
  flags: (command) => {
    command
      .option('--recursive', 'the names of all fields below')
      .option('--api-version <group/version>', 'as in this version')
      .option('-o, --output <format>', 'plaintext');
  },
  run: explain,
};
