import { isNotFound } from '@podling/shared/errors';
import { Option } from 'commander';
import { parseDuration } from '../duration.ts';
import { CommandError } from '../errors.ts';
import { Failures } from '../failures.ts';
import type { Factory } from '../factory.ts';
import { collectEach, durationOption, fileFlags, outputFlags, selectionFlags } from '../flags.ts';
import { find } from '../json-path/evaluate.ts';
import { parsePath } from '../json-path/parse.ts';
import { createResultPrinter } from '../printers/result-printer.ts';
import type { PrintResult, ResultOptions } from '../printers/result-printer.ts';
import type { AnyObject } from '../resource/object.ts';
import { apiVersionOf } from '../resource/rest-mapping.ts';
import { readObject, selectObjects } from '../resource/selection.ts';
import type { Selected, SelectionOptions } from '../resource/selection.ts';
import { waitUntil } from '../resource/wait-until.ts';
import type { Wanted } from '../resource/wait-until.ts';
import type { Verb } from '../verb.ts';

export interface WaitOptions extends SelectionOptions, ResultOptions {
  for?: string[];
  timeout: string;
}

const WEEK_MS = 7 * 24 * 3600 * 1000;

interface Condition {
  /** `create` waits for objects that are not there yet, `delete` until they are not any more. */
  kind: 'create' | 'delete' | 'state';
  wanted: Wanted;
}

interface StatusCondition {
  type?: string;
  status?: string;
  observedGeneration?: number;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** A condition of an older generation of the object says nothing of this one. */
function isCurrent(object: AnyObject, condition: StatusCondition): boolean {
  const status = object['status'] as { observedGeneration?: number } | undefined;
  const generation = (object.metadata as { generation?: number } | undefined)?.generation;
  const observed = condition.observedGeneration ?? status?.observedGeneration;
  return generation === undefined || observed === undefined || observed >= generation;
}

function byCondition(text: string): Wanted {
  const [name = '', value = 'true'] = text.split('=');
  return (object) => {
    const status = object?.['status'] as { conditions?: StatusCondition[] } | undefined;
    const found = status?.conditions?.find(({ type }) => same(type ?? '', name));
    return object !== undefined && found !== undefined && isCurrent(object, found) && same(found.status ?? '', value);
  };
}

const PATH_FORMAT = "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'";

/** `{.status.phase}=Running`, or `{.status.podIP}` for any value. */
function byPath(text: string): Wanted {
  const [, path, , value] = /^(.*\})(=(.*))?$/s.exec(text) ?? /^([^=]*)(=(.*))?$/s.exec(text) ?? [];
  if (path === '') throw new CommandError('jsonpath expression cannot be empty');
  if (path === undefined || value === '') throw new CommandError(PATH_FORMAT);
  let steps: ReturnType<typeof parsePath>;
  try {
    steps = parsePath(path);
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error });
  }
  const wantedText = value?.replace(/^(["'])(.*)\1$/s, '$2').trim();
  return (object) => {
    const [found, second] = object === undefined ? [] : find(steps, [object], { allowMissingKeys: true });
    if (second !== undefined) throw new CommandError('given jsonpath expression matches more than one value');
    if (found === undefined || found === null) return false;
    if (wantedText === undefined) return true;
    if (typeof found === 'object') throw new CommandError('jsonpath leads to a nested object or list which is not supported');
    return String(found as string | number | boolean) === wantedText;
  };
}

function conditionOf(text: string): Condition {
  if (same(text, 'delete')) return { kind: 'delete', wanted: (object) => object === undefined };
  if (same(text, 'create')) return { kind: 'create', wanted: (object) => object !== undefined };
  const equals = text.indexOf('=');
  const [key, rest] = [text.slice(0, Math.max(equals, 0)), text.slice(equals + 1)];
  if (key === 'condition') return { kind: 'state', wanted: byCondition(rest) };
  if (key === 'jsonpath') return { kind: 'state', wanted: byPath(rest) };
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`);
}

/** Below 0 = a week; 0 = one look. */
async function timeoutOf(text: string): Promise<number> {
  const milliseconds = text.startsWith('-') ? WEEK_MS : await parseDuration(text, 'timeout');
  return Math.min(milliseconds, WEEK_MS);
}

interface Waiting {
  factory: Factory;
  condition: Condition;
  timeoutMs: number;
  /** Aborted when the time is over. */
  signal: AbortSignal;
  print: PrintResult;
}

/** The object before the wait: what must be there is, or it is NotFound. */
async function firstLook({ factory, condition }: Waiting, target: Selected): Promise<AnyObject | undefined> {
  try {
    return await readObject(factory, target);
  } catch (error) {
    if (condition.kind === 'state' || !isNotFound(error)) throw error;
    return undefined;
  }
}

async function waitFor(waiting: Waiting, target: Selected): Promise<void> {
  const { factory, condition, timeoutMs, signal, print } = waiting;
  const { mapping, name } = target;
  let last = await firstLook(waiting, target);
  if (last === undefined && condition.kind === 'delete') return;
  const wanted: Wanted = (object) => {
    last = object ?? last;
    if (condition.wanted(object)) return true;
    if (object === undefined && condition.kind === 'state') throw new CommandError(`${mapping.resource}/${name} was deleted while it was waited for`);
    if (timeoutMs === 0) throw new CommandError(`condition not met for ${mapping.resource}/${name}`);
    return false;
  };
  try {
    await waitUntil(await factory.client(), target, wanted, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const what = condition.kind === 'create' ? '' : ` on ${mapping.resource}/${name}`;
    throw new CommandError(`timed out waiting for the condition${what}`, { cause: error });
  }
  await print({ ...(last ?? { metadata: { name } }), apiVersion: apiVersionOf(mapping), kind: mapping.kind }, 'condition met');
}

/** Waits until objects are as `--for` says. */
export async function wait(factory: Factory, words: string[], options: WaitOptions): Promise<number> {
  const conditions = (options.for ?? []).map(conditionOf);
  if (conditions.length === 0) throw new CommandError('required flag(s) "for" not set: say --for=condition=Ready, --for=delete, --for=create or --for=jsonpath=…');
  const timeoutMs = await timeoutOf(options.timeout);
  const print = await createResultPrinter(factory.io, options, '');
  const failures = new Failures(factory);
  const targets = await selectObjects(factory, words, options, failures);
  if (targets.length === 0 && conditions.every(({ kind }) => kind !== 'delete')) throw new CommandError('no matching resources found');
  const signal = timeoutMs === 0 ? new AbortController().signal : AbortSignal.timeout(timeoutMs);
  for (const target of targets) {
    for (const condition of conditions) {
      await failures.attempt(() => waitFor({ factory, condition, timeoutMs, signal, print }, target));
    }
  }
  return failures.exitCode;
}

export const verb: Verb<WaitOptions> = {
  usage: '(-f FILE | TYPE NAME | TYPE/NAME | TYPE -l SELECTOR | TYPE --all) --for=(condition=NAME[=VALUE] | jsonpath=PATH[=VALUE] | create | delete) [flags]',
  flags: (command) => {
    fileFlags(command);
    selectionFlags(command);
    outputFlags(command);
    command
      .addOption(new Option('--for <condition>', 'what to wait for').argParser(collectEach))
      .addOption(durationOption('--timeout <duration>', 'how long to wait; 0 = one look, below 0 = a week').default('30s'));
  },
  run: wait,
};
