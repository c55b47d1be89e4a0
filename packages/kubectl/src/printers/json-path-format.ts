import { readFile } from 'node:fs/promises';
import { fileProblem } from '@podling/shared/file-problem';
import { CommandError } from '../errors.ts';
import { find, findAll } from '../json-path/evaluate.ts';
import type { FindOptions } from '../json-path/evaluate.ts';
import { parseTemplate } from '../json-path/parse.ts';
import type { Part } from '../json-path/syntax.ts';
import type { AnyObject } from '../resource/object.ts';
import type { Formatter } from './formatter.ts';
import { canonicalJson, indentedJson } from './object.ts';

function showValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? canonicalJson(value) : String(value as string | number | boolean);
}

/** The template's text for one value; what a path finds is separated by spaces. */
function render(parts: readonly Part[], value: unknown, options: FindOptions): string {
  const texts = parts.map((part) => {
    if (part.kind === 'text') return part.text;
    const found = find(part.steps, [value], options);
    return part.kind === 'path' ? found.map(showValue).join(' ') : found.map((item) => render(part.body, item, options)).join('');
  });
  return texts.join('');
}

function parse(template: string): Part[] {
  try {
    return parseTemplate(template);
  } catch (error) {
    throw new CommandError(`error parsing jsonpath ${template}, ${(error as Error).message}`, { cause: error });
  }
}

async function templateOf(format: string, argument: string): Promise<string> {
  if (argument === '') throw new CommandError('template format specified but no template given');
  if (format !== 'jsonpath-file') return argument;
  try {
    return await readFile(argument, 'utf8');
  } catch (error) {
    throw new CommandError(`error reading --template ${argument}, ${fileProblem(error, argument)}`, { cause: error });
  }
}

/** `jsonpath` and `jsonpath-file` write the template's text; `jsonpath-as-json` writes what its paths find as an array. */
export async function createJsonPathFormatter(format: string, argument: string, options: FindOptions): Promise<Formatter> {
  const template = await templateOf(format, argument);
  const parts = parse(template);
  const text = (object: AnyObject): string =>
    format === 'jsonpath-as-json' ? indentedJson(findAll(parts, object, options)) : render(parts, object, options);
  return async (object) => {
    try {
      return text(object);
    } catch (error) {
      const detail = `Error executing template: ${(error as Error).message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${canonicalJson(object)}\n`;
      throw new CommandError(`error executing jsonpath ${JSON.stringify(template)}: ${detail}`, { cause: error });
    }
  };
}
