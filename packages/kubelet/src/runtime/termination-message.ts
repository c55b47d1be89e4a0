import { chmodSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ContainerStatus, Mount } from '@podling/cri';
import { readLog } from '@podling/cri/logs';
import type { Container } from '@podling/shared/api';
import type { Clock } from '@podling/shared/util';
import { absolutePath } from './container-mounts.ts';
import { podUidLabel, terminationMessagePathAnnotation, terminationMessagePolicyAnnotation } from './labels.ts';
import type { PodPaths } from './pod-paths.ts';

const maxFileBytes = 4096;
const maxLogBytes = 2048;
const maxLogLines = 80;
/** The writer of the log may lag behind the end of the container by so much. */
const logFlushMs = 200;

/** An empty file that any user in the container may write its last words to. */
export function createTerminationLog(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(path, '', { flag: 'wx' });
  chmodSync(path, 0o666);
}

/** Where the container finds that file. A user's own mount at the path wins. */
export function terminationLogMount({ terminationMessagePath: path = '', volumeMounts = [] }: Container, hostPath: string): Mount[] {
  if (path === '' || volumeMounts.some(({ mountPath }) => mountPath === path)) return [];
  return [{ hostPath, containerPath: absolutePath(path), readonly: false }];
}

type Ended = Pick<ContainerStatus, 'metadata' | 'labels' | 'annotations' | 'exitCode' | 'reason' | 'logPath' | 'finishedAtMs'>;

/**
 * What a container has left to say at its end: the file it was given, at most 4 KiB, or under FallbackToLogsOnError the
 * end of its log. Needs nothing but the runtime's record, so a new kubelet finds the same. Upstream twin: kuberuntime `getTerminationMessage`.
 */
export class TerminationMessages {
  readonly #paths: Pick<PodPaths, 'terminationLog'>;
  readonly #clock: Clock;

  constructor({ paths, clock }: { paths: Pick<PodPaths, 'terminationLog'>; clock: Clock }) {
    this.#paths = paths;
    this.#clock = clock;
  }

  async of(ended: Ended): Promise<string> {
    const { annotations, labels, metadata, exitCode, reason } = ended;
    const written = annotations[terminationMessagePathAnnotation] === undefined ? '' : await readEnd(this.#paths.terminationLog(labels[podUidLabel] ?? '', metadata.name, metadata.attempt));
    const never = reason === 'StartError' || reason === 'ContainerCannotRun';
    const fallback = annotations[terminationMessagePolicyAnnotation] === 'FallbackToLogsOnError' && exitCode !== 0 && !never;
    return written !== '' || !fallback ? written : this.#endOfLog(ended);
  }

  async #endOfLog({ logPath, finishedAtMs }: Ended): Promise<string> {
    const lagMs = finishedAtMs + logFlushMs - this.#clock.now();
    if (lagMs > 0) await this.#clock.sleep(Math.min(lagMs, logFlushMs));
    let end: Buffer = Buffer.alloc(0);
    try {
      for await (const data of readLog(logPath, { timestamps: false, tailLines: maxLogLines })) end = Buffer.concat([end, data]).subarray(-maxLogBytes);
    } catch (error) {
      return `Error on reading termination message from logs: ${error instanceof Error ? error.message : String(error)}`;
    }
    return end.toString();
  }
}

/** Links are not followed; only a regular file has anything to say. */
async function readEnd(path: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    const start = Math.max(size - maxFileBytes, 0);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, start);
    return buffer.subarray(0, bytesRead).toString();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    return `Error on reading termination log: ${error instanceof Error ? error.message : String(error)}`;
  }
}
