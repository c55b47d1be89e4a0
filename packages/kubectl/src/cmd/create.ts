import { withSource } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import { fieldValidationOf } from '../field-validation.ts';
import type { FieldValidation, ValidateOptions } from '../field-validation.ts';
import { nameOf } from '../printers/object.ts';
import type { AnyObject } from '../resource/object.ts';
import type { FileOptions } from '../resource/manifest-files.ts';
import { forEachManifest } from '../resource/manifest-targets.ts';
import type { ManifestTarget } from '../resource/manifest-targets.ts';
import { resourcePath } from '../resource/rest-mapping.ts';
import { fileFlags, validateFlag } from '../flags.ts';
import type { Verb } from '../verb.ts';

/** What every write of one command says to the server. */
export interface WriteQuery {
  fieldManager: string;
  fieldValidation: FieldValidation;
}

/** POSTs the object; an error of the server names the file. */
export async function createOne(factory: Factory, { object, mapping, namespace, source }: ManifestTarget, query: WriteQuery): Promise<AnyObject> {
  const rest = await factory.client();
  try {
    return await rest.request<AnyObject>({ method: 'POST', path: resourcePath(mapping, { namespace }), query: { ...query }, body: object });
  } catch (error) {
    throw withSource(error, 'creating', source);
  }
}

/** Creates every object of the files; one that exists already is an error. */
export async function create(factory: Factory, _words: string[], options: FileOptions & ValidateOptions): Promise<number> {
  const query: WriteQuery = { fieldManager: 'kubectl-create', fieldValidation: fieldValidationOf(options) };
  const failures = new Failures(factory);
  await forEachManifest(factory, options, failures, async (target) => {
    const created = await createOne(factory, target, query);
    factory.io.out(`${nameOf(target.mapping, created)} created\n`);
  });
  return failures.exitCode;
}

export const verb: Verb<FileOptions & ValidateOptions> = {
  usage: '-f FILE [flags]',
  flags: (command) => {
    fileFlags(command);
    validateFlag(command);
  },
  run: create,
};
