/** containerd's messages as proto-loader gives them: camelCase, 64-bit integers as strings. `Any` keeps its snake_case. */
export interface Any {
  type_url: string;
  value: Uint8Array;
}

export interface Timestamp {
  seconds: string;
  nanos: number;
}

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: string;
}

export interface ContainerdImage {
  name: string;
  labels: Record<string, string>;
  target: Descriptor | null;
}

export interface SnapshotMount {
  type: string;
  source: string;
  target: string;
  options: string[];
}

export interface ContainerdContainer {
  id: string;
  labels: Record<string, string>;
  image: string;
  snapshotter: string;
  snapshotKey: string;
  createdAt: Timestamp | null;
  spec: Any | null;
}

export type TaskStatus = 'UNKNOWN' | 'CREATED' | 'RUNNING' | 'STOPPED' | 'PAUSED' | 'PAUSING';

export interface Task {
  /** The container's; `containerId` is left empty by containerd. */
  id: string;
  pid: number;
  status: TaskStatus;
  exitStatus: number;
  exitedAt: Timestamp | null;
}

export interface Envelope {
  timestamp: Timestamp | null;
  namespace: string;
  topic: string;
  event: Any | null;
}

/** Milliseconds since the epoch; 0 for none, and for Go's zero time. */
export function timestampMs(timestamp: Timestamp | null | undefined): number {
  if (timestamp === null || timestamp === undefined) return 0;
  const ms = Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1_000_000);
  return ms > 0 ? ms : 0;
}

/** A value that containerd keeps as JSON. The type is not checked before the shim reads it. */
export function jsonAny(name: 'Spec' | 'Process' | 'LinuxResources', value: object): Any {
  // An Any keeps its snake_case; a camelCase name would be stored as empty without an error.
  return { type_url: `types.containerd.io/opencontainers/runtime-spec/1/${name}`, value: Buffer.from(JSON.stringify(value)) };
}
