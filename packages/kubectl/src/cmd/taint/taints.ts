import { isLabelValue, isQualifiedName } from '@podling/shared/names';
import type { Taint } from '@podling/shared/api';
import { CommandError } from '../../errors.ts';

type Effect = Taint['effect'];

/** A taint to remove; without an effect it is meant with every effect. */
interface TaintPattern {
  key: string;
  effect?: Effect;
}

/** What a command line does to a node's taints. */
export interface TaintChanges {
  add: Taint[];
  remove: TaintPattern[];
}

interface ParsedTaint extends TaintPattern {
  value?: string;
}

const effects: readonly string[] = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] satisfies Effect[];
const isEffect = (text: string): text is Effect => effects.includes(text);

function textOf({ key, value, effect }: ParsedTaint): string {
  return `${key}${value === undefined ? '' : `=${value}`}${effect === undefined ? '' : `:${effect}`}`;
}

function invalidSpec(spec: string, reasons: readonly string[] = []): CommandError {
  return new CommandError(`invalid taint spec: ${spec}${reasons.length > 0 ? `, ${reasons.join('; ')}` : ''}`);
}

/** `key=value:effect`, `key:effect` or `key`. */
function parseTaint(spec: string): ParsedTaint {
  const [pair = '', effect, ...more] = spec.split(':');
  if (more.length > 0) throw invalidSpec(spec);
  if (effect !== undefined && !isEffect(effect)) throw new CommandError(`invalid taint effect: ${effect}, unsupported taint effect`);
  const [key = '', value, ...rest] = effect === undefined ? [pair] : pair.split('=');
  if (rest.length > 0) throw invalidSpec(spec);
  const wrongValue = value === undefined ? [] : isLabelValue(value);
  const reasons = wrongValue.length > 0 ? wrongValue : isQualifiedName(key);
  if (reasons.length > 0) throw invalidSpec(spec, reasons);
  return { key, ...(value ? { value } : {}), ...(effect === undefined ? {} : { effect }) };
}

const isMeant = ({ key, effect }: TaintPattern, taint: Taint): boolean => key === taint.key && (effect === undefined || effect === taint.effect);

function checkConflicts({ add, remove }: TaintChanges): void {
  const both = remove.filter((pattern) => add.some((taint) => isMeant(pattern, taint)));
  if (both.length === 0) return;
  throw new CommandError(`can not both modify and remove the following taint(s) in the same command: ${both.map(({ key, effect = '' }) => `${key}=${effect}`).join(', ')}`);
}

/** One with a `-` behind it is removed. */
export function parseTaints(specs: readonly string[]): TaintChanges {
  const changes: TaintChanges = { add: [], remove: [] };
  for (const spec of specs) {
    const { key, value, effect } = parseTaint(spec.replace(/-$/, ''));
    if (spec.endsWith('-')) {
      changes.remove.push({ key, ...(effect === undefined ? {} : { effect }) });
      continue;
    }
    if (effect === undefined) throw invalidSpec(spec);
    const taint: Taint = { key, effect, ...(value === undefined ? {} : { value }) };
    if (changes.add.some((other) => isMeant(other, taint))) throw new CommandError(`duplicated taints with the same key and effect: ${textOf(taint)}`);
    changes.add.push(taint);
  }
  checkConflicts(changes);
  return changes;
}

/** The taints a node has then, and how that is called. Throws for one to remove that is not there, and for one to add that is, unless it may be overwritten. */
export function changeTaints(nodeName: string, old: readonly Taint[], { add, remove }: TaintChanges, overwrite: boolean): { taints: Taint[]; operation: string } {
  const present = add.filter((taint) => old.some((other) => isMeant(taint, other)));
  if (present.length > 0 && !overwrite) {
    throw new CommandError(`node ${nodeName} already has ${present.map(({ key }) => key).join(',')} taint(s) with same effect(s) and --overwrite is false`);
  }
  const missing = remove.filter((pattern) => !old.some((taint) => isMeant(pattern, taint)));
  if (missing.length > 0) throw new CommandError(missing.map((pattern) => `taint ${JSON.stringify(textOf(pattern))} not found`).join(', '));
  const kept = old.filter((taint) => ![...add, ...remove].some((pattern) => isMeant(pattern, taint)));
  const isMixed = overwrite || (add.length > 0 && remove.length > 0);
  return { taints: [...add, ...kept], operation: isMixed ? 'modified' : add.length > 0 ? 'tainted' : 'untainted' };
}
