import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { formatCpuSet, noCpus, parseCpuSet, type CpuSet } from '@podling/shared/util';

/** What cannot be gone on with after a restart; the message says how to get rid of it. */
export class CpuManagerStateError extends Error {
  override readonly name = 'CpuManagerStateError';
}

interface Checkpoint {
  policyName: string;
  defaultCpuSet: string;
  /** By pod and container. */
  entries?: Record<string, Record<string, string>>;
  checksum: number;
}

/**
 * Who has which CPUs: those of containers with their own, and the rest, which all others share. Each change is in the file
 * before it is told to anybody; the file is the one that Kubernetes' kubelet writes. Upstream twin: cpumanager `stateCheckpoint`.
 */
export class CpuManagerState {
  readonly #file: string;
  readonly #policyName: string;
  #shared: CpuSet = noCpus;
  #assignments = new Map<string, Map<string, CpuSet>>();

  /** Throws `CpuManagerStateError` for a file of another policy, or one that cannot be read. */
  constructor(file: string, policyName: string) {
    this.#file = file;
    this.#policyName = policyName;
    try {
      this.#restore();
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      throw new CpuManagerStateError(
        `could not restore state from checkpoint: ${problem}, please drain this node and delete the CPU manager checkpoint file ${JSON.stringify(file)} before restarting Kubelet`,
        { cause },
      );
    }
  }

  get shared(): CpuSet {
    return this.#shared;
  }

  assignments(): ReadonlyMap<string, ReadonlyMap<string, CpuSet>> {
    return this.#assignments;
  }

  of(uid: string, containerName: string): CpuSet | undefined {
    return this.#assignments.get(uid)?.get(containerName);
  }

  /** All of it at once; nothing has changed if the file cannot be written. */
  replace(shared: CpuSet, assignments: ReadonlyMap<string, ReadonlyMap<string, CpuSet>>): void {
    const copy = new Map([...assignments].filter(([, containers]) => containers.size > 0).map(([uid, containers]) => [uid, new Map(containers)]));
    this.#store(shared, copy);
    this.#shared = shared;
    this.#assignments = copy;
  }

  #store(shared: CpuSet, assignments: ReadonlyMap<string, ReadonlyMap<string, CpuSet>>): void {
    const entries = Object.fromEntries([...assignments].map(([uid, containers]) => [uid, Object.fromEntries([...containers].map(([name, cpus]) => [name, formatCpuSet(cpus)]))]));
    const checkpoint = { policyName: this.#policyName, defaultCpuSet: formatCpuSet(shared), ...(assignments.size === 0 ? {} : { entries }) };
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify({ ...checkpoint, checksum: checksumOf(checkpoint) }), { mode: 0o600, flush: true });
    renameSync(`${this.#file}.new`, this.#file);
  }

  #restore(): void {
    const text = readIfThere(this.#file);
    if (text === undefined) return this.#store(this.#shared, this.#assignments);
    const checkpoint = parseCheckpoint(text);
    if (checkpoint.policyName !== this.#policyName) {
      throw new Error(`configured policy ${JSON.stringify(this.#policyName)} differs from state checkpoint policy ${JSON.stringify(checkpoint.policyName)}`);
    }
    this.#shared = parseCpuSet(checkpoint.defaultCpuSet);
    const containers = (list: Record<string, string>): Map<string, CpuSet> => new Map(Object.entries(list).map(([name, cpus]) => [name, parseCpuSet(cpus)]));
    this.#assignments = new Map(Object.entries(checkpoint.entries ?? {}).map(([uid, list]) => [uid, containers(list)]));
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseCheckpoint(text: string): Checkpoint {
  const value: unknown = JSON.parse(text);
  if (!isCheckpoint(value)) throw new Error('checkpoint is corrupted');
  if (value.checksum !== 0 && value.checksum !== checksumOf(value)) throw new Error('checkpoint is corrupted');
  return value;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { policyName, defaultCpuSet, entries = {}, checksum } = value as Partial<Checkpoint>;
  const isText = (text: unknown): boolean => typeof text === 'string';
  const isList = (list: unknown): boolean => typeof list === 'object' && list !== null && Object.values(list).every(isText);
  return isText(policyName) && isText(defaultCpuSet) && typeof checksum === 'number' && Object.values(entries).every(isList);
}

/** Kubernetes takes FNV-1a of the object as a Go program prints it. */
function checksumOf({ policyName, defaultCpuSet, entries = {} }: Omit<Checkpoint, 'checksum'>): number {
  const printed = (record: object, print: (value: never) => string): string =>
    Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}:${print(value as never)}`).join(' ');
  const map = printed(entries, (containers: Record<string, string>) => `map[${printed(containers, (cpus: string) => cpus)}]`);
  return fnv1a(`(*state.CPUManagerCheckpoint){PolicyName:(string)${policyName} DefaultCPUSet:(string)${defaultCpuSet} Entries:(map[string]map[string]string)map[${map}] Checksum:(checksum.Checksum)0}`);
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
