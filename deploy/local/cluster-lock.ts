import { withLock } from '../lock.ts';
import type { Report } from '../progress.ts';

export interface WaitOptions {
  /** Silent by default, also about waiting. */
  report?: Report;
  say?: (line: string) => void;
}

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);

/** Commands that change a cluster run one after the other: one that has to wait says in a line for whom. */
export function withClusterLock<T>(lock: string, action: () => Promise<T>, { report = 'silent', say = toStderr }: WaitOptions = {}): Promise<T> {
  const onWait = (holder: number): void => {
    if (report !== 'silent') say(`waiting for another command on this cluster to end (pid ${holder})`);
  };
  return withLock(lock, action, { onWait });
}
