import { CommandError } from '../errors.ts';
import type { AnyObject } from '../resource/object.ts';
import { canonicalJson, formatJson, formatYaml, groupKindOf, loadYaml } from './object.ts';

/** The text of one object or of a `List`. Called again, it continues what it wrote before. */
export type Formatter = (object: AnyObject) => Promise<string>;

export interface FormatterOptions {
  /** `-o`: `yaml`, `jsonpath={.metadata.name}`. */
  output: string;
  /** `--template`, for `-o jsonpath` without a value. */
  template?: string | undefined;
  /** Default true. */
  allowMissingTemplateKeys?: boolean;
  showManagedFields?: boolean;
  headers?: boolean;
}

const JSON_PATH = ['jsonpath', 'jsonpath-as-json', 'jsonpath-file'];
const COLUMNS = ['custom-columns', 'custom-columns-file'];
const GO_TEMPLATE = ['go-template', 'go-template-file', 'template', 'templatefile'];

/** What `-o` of every command takes. */
const OBJECT_FORMATS = ['json', ...JSON_PATH, 'name', 'yaml'];
/** What `-o` of get and events takes. */
export const GET_FORMATS = [...OBJECT_FORMATS, ...COLUMNS, 'wide'];

function unknownFormat(output: string, allowed: readonly string[]): CommandError {
  const list = allowed.toSorted().join(',');
  return new CommandError(`unable to match a printer suitable for the output format "${output}", allowed formats are: ${list}`);
}

/** The object of an event; undefined for what is none. */
const objectOfEvent = (item: AnyObject): AnyObject | undefined => (item.kind === undefined ? (item['object'] as AnyObject | undefined) : undefined);

/** `pod/web`, a line each. */
const nameFormatter: Formatter = async (object) => (object.items ?? [object]).map((item) => objectOfEvent(item) ?? item).map((item) => `${groupKindOf(item)}/${item.metadata?.name ?? '<unknown>'}\n`).join('');

/** An event is one line. */
function jsonFormatter(options: FormatterOptions): Formatter {
  return async (item) => {
    const object = objectOfEvent(item);
    return object === undefined ? formatJson(item, options) : `{"type":${canonicalJson(item['type'])},"object":${canonicalJson(object)}}\n`;
  };
}

function yamlFormatter(options: FormatterOptions): Formatter {
  let written = 0;
  return async (object) => `${(written += 1) > 1 ? '---\n' : ''}${await formatYaml(object, options)}`;
}

/** Makes the formatter that `-o` names. Throws a CommandError that lists `allowed` when there is none. */
export async function createFormatter(options: FormatterOptions, allowed: readonly string[] = OBJECT_FORMATS): Promise<Formatter> {
  const { output } = options;
  const equals = output.indexOf('=');
  const format = equals < 0 ? output : output.slice(0, equals);
  const argument = equals < 0 ? (options.template ?? '') : output.slice(equals + 1);
  if (GO_TEMPLATE.includes(format)) throw new CommandError(`the output format "${format}" is not supported: use jsonpath or custom-columns in its place`);
  if (!allowed.includes(format)) throw unknownFormat(output, allowed);
  if (JSON_PATH.includes(format)) return (await import('./json-path-format.ts')).createJsonPathFormatter(format, argument, { allowMissingKeys: options.allowMissingTemplateKeys ?? true });
  if (COLUMNS.includes(format)) return (await import('./custom-columns.ts')).createCustomColumnsFormatter(format, argument, { headers: options.headers ?? true });
  if (format === 'name') return nameFormatter;
  if (format === 'json') return jsonFormatter(options);
  await loadYaml();
  return yamlFormatter(options);
}
