import type { ContainerUser } from '../cri.ts';

/** What runtimes tell beyond CRI, in the JSON of a verbose status. */
export interface VerboseInfo {
  /** 0 when it is not told. */
  pid: number;
  /** Of a container; '' when it is not told. */
  sandboxId: string;
  /** Of a container: whether its stdin ends with the first who attaches. */
  stdinOnce?: boolean;
  user?: ContainerUser;
}

const MAX_BYTES = 4 * 1024 * 1024;

/** containerd and CRI-O have it under `info`. It is their own business: whatever does not fit counts as not told. */
export function readInfo(info: Record<string, string>): VerboseInfo {
  const document = parse(info['info'] ?? '');
  const user = field(field(field(document, 'runtimeSpec'), 'process'), 'user');
  const [uid, gid] = [field(user, 'uid'), field(user, 'gid')];
  const config = field(document, 'config');
  const sandboxId = field(document, 'sandboxID');
  const groups = field(user, 'additionalGids');
  return {
    pid: naturalNumber(field(document, 'pid')) ?? 0,
    ...(config === undefined ? {} : { stdinOnce: field(config, 'stdin_once') === true }),
    sandboxId: typeof sandboxId === 'string' ? sandboxId : '',
    ...(user === undefined ? {} : { user: { uid: naturalNumber(uid) ?? 0, gid: naturalNumber(gid) ?? 0, supplementalGroups: naturalNumbers(groups) } }),
  };
}

/** Who drives the cgroups of containerd's default runtime, from a verbose Status; undefined for another runtime. */
export function readCgroupDriver(info: Record<string, string>): 'cgroupfs' | 'systemd' | undefined {
  const containerd = field(parse(info['config'] ?? ''), 'containerd');
  const name = field(containerd, 'defaultRuntimeName');
  const runtime = typeof name === 'string' ? field(field(containerd, 'runtimes'), name) : undefined;
  if (runtime === undefined) return undefined;
  return field(field(runtime, 'options'), 'SystemdCgroup') === true ? 'systemd' : 'cgroupfs';
}

function parse(text: string): unknown {
  if (text === '' || text.length > MAX_BYTES) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name] ?? undefined;
}

function naturalNumber(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function naturalNumbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map(naturalNumber).filter((number) => number !== undefined) : [];
}
