import { isDeepStrictEqual } from 'node:util';
import { PatchError } from './patch-error.ts';

type Container = Record<string, unknown> | unknown[];

interface Operation {
  op: string;
  path: string;
  from?: unknown;
  value?: unknown;
}

/** More are refused before they are applied. */
export const maxOperations = 10_000;
const maxReported = 100;
/** Copies may double a document again and again. */
const maxCopiedBytes = 3 * 1024 * 1024;

function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new PatchError(`path ${JSON.stringify(pointer)} does not start with "/"`);
  return pointer.slice(1).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function indexUpTo(last: number, step: string): number {
  if (!/^(0|[1-9]\d{0,8})$/.test(step) || Number(step) > last) throw new PatchError(`${JSON.stringify(step)} is no index of the list`);
  return Number(step);
}

function childOf(parent: Container, step: string): unknown {
  if (Array.isArray(parent)) return parent[indexUpTo(parent.length - 1, step)];
  if (!Object.hasOwn(parent, step)) throw new PatchError(`the path ${JSON.stringify(step)} does not exist`);
  return parent[step];
}

/** A document that is patched in place; the root hangs in a list of one so that it can be replaced too. */
class PatchedDocument {
  readonly #root: [unknown];
  #copiedBytes = 0;

  constructor(document: unknown) {
    this.#root = [structuredClone(document)];
  }

  get value(): unknown {
    return this.#root[0];
  }

  apply({ op, path, from, value }: Operation): void {
    switch (op) {
      case 'add':
        return this.#add(path, structuredClone(value));
      case 'remove':
        return void this.#remove(path);
      case 'replace':
        return this.#replace(path, structuredClone(value));
      case 'move':
        return this.#move(pathText(from), path);
      case 'copy':
        return this.#add(path, this.#copyOf(pathText(from)));
      case 'test':
        return this.#test(path, value);
      default:
        throw new PatchError(`unknown operation ${JSON.stringify(op)}`);
    }
  }

  #parentOf(path: string): [Container, string] {
    const steps = ['0', ...parsePointer(path)];
    const last = steps.pop() ?? '0';
    let parent: unknown = this.#root;
    for (const step of steps) parent = isContainer(parent) ? childOf(parent, step) : undefined;
    if (!isContainer(parent)) throw new PatchError(`the path ${JSON.stringify(path)} leads through a value that has no members`);
    return [parent, last];
  }

  #get(path: string): unknown {
    const [parent, step] = this.#parentOf(path);
    return childOf(parent, step);
  }

  #add(path: string, value: unknown): void {
    if (path === '') return void (this.#root[0] = value);
    const [parent, step] = this.#parentOf(path);
    if (Array.isArray(parent)) parent.splice(step === '-' ? parent.length : indexUpTo(parent.length, step), 0, value);
    else Object.defineProperty(parent, step, { value, enumerable: true, writable: true, configurable: true });
  }

  #remove(path: string): unknown {
    if (path === '') throw new PatchError('the whole document cannot be removed');
    const [parent, step] = this.#parentOf(path);
    const value = childOf(parent, step);
    if (Array.isArray(parent)) parent.splice(Number(step), 1);
    else delete parent[step];
    return value;
  }

  #replace(path: string, value: unknown): void {
    if (path !== '') this.#remove(path);
    this.#add(path, value);
  }

  #move(from: string, path: string): void {
    if (path.startsWith(`${from}/`)) throw new PatchError('a value cannot be moved into itself');
    this.#add(path, this.#remove(from));
  }

  #copyOf(from: string): unknown {
    const value = this.#get(from);
    this.#copiedBytes += JSON.stringify(value)?.length ?? 0;
    if (this.#copiedBytes > maxCopiedBytes) throw new PatchError(`the copies exceed ${maxCopiedBytes} bytes`);
    return structuredClone(value);
  }

  #test(path: string, value: unknown): void {
    if (!isDeepStrictEqual(this.#get(path), value)) throw new PatchError(`testing value ${path} failed`);
  }
}

function pathText(from: unknown): string {
  if (typeof from !== 'string') throw new PatchError('"from" is missing');
  return from;
}

function isOperation(value: unknown): value is Operation {
  const { op, path } = (value ?? {}) as Partial<Operation>;
  return typeof op === 'string' && typeof path === 'string';
}

const members = new Set(['op', 'path', 'from', 'value']);

/** What is odd about the operations themselves, after `repeated` which says of each field that comes twice that it does. */
export function strictOperations(patch: unknown, repeated: readonly string[]): string[] {
  const operations = Array.isArray(patch) ? patch as unknown[] : [];
  const unknown = operations.flatMap((operation, index) =>
    Object.keys(operation ?? {}).filter((key) => !members.has(key)).map((key) => `unknown field ${JSON.stringify(`[${index}].${key}`)}`));
  return [...repeated, ...unknown].slice(0, maxReported).map((text) => `json patch ${text}`);
}

/** JSON patch (RFC 6902): all operations or, with a `PatchError`, none. Answers a new document. */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new PatchError('a JSON patch must be a list of operations');
  const patched = new PatchedDocument(document);
  for (const operation of patch) {
    if (!isOperation(operation)) throw new PatchError('each operation needs "op" and "path"');
    patched.apply(operation);
  }
  return patched.value;
}
