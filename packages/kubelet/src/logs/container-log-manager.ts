import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LogFolder, type LogLimits, type RuntimeService } from '@podling/cri';
import { Background, Turns, type Clock, type Logger } from '@podling/shared/util';
import { rotateLog } from './rotate-log.ts';

export interface ContainerLogManagerOptions {
  runtime: Pick<RuntimeService, 'listContainers' | 'containerStatus' | 'reopenContainerLog'>;
  limits: Readonly<LogLimits>;
  /** Logs that are worked on at once. */
  maxWorkers: number;
  periodMs: number;
  clock: Clock;
  logger: Logger;
}

/**
 * Rotates the logs of running containers where the runtime does not: between two looks a container may write more than
 * the limit. Upstream twin: kubelet `ContainerLogManager`.
 */
export class ContainerLogManager {
  readonly #options: ContainerLogManagerOptions;
  readonly #turns: Turns;
  readonly #background = new Background('the kubelet', () => this.#run());

  constructor(options: ContainerLogManagerOptions) {
    this.#options = options;
    this.#turns = new Turns(options.maxWorkers);
  }

  start(): void {
    if (Number.isFinite(this.#options.limits.maxBytes)) this.#background.start();
  }

  stop(): Promise<void> {
    return this.#background.stop();
  }

  async #run(): Promise<void> {
    const { runtime, periodMs, clock, logger } = this.#options;
    const { signal } = this.#background;
    while (!signal.aborted) {
      try {
        const running = await runtime.listContainers({ state: 'CONTAINER_RUNNING' });
        await Promise.all(running.map(({ id }) => this.#turns.take(() => this.#look(id), signal).catch(() => undefined)));
      } catch (error) {
        logger.warn({ err: error }, 'cannot look after container logs');
      }
      await clock.sleep(periodMs, signal).catch(() => undefined);
    }
  }

  async #look(id: string): Promise<void> {
    const { runtime, limits, clock, logger } = this.#options;
    try {
      const { logPath } = await runtime.containerStatus(id);
      if (logPath === '') return;
      const reopen = (): Promise<void> => runtime.reopenContainerLog(id);
      const size = await sizeOf(logPath);
      if (size === undefined) await reopen();
      else if (size >= limits.maxBytes) await rotateLog({ logPath, maxFiles: limits.maxFiles, nowMs: clock.now(), reopen });
    } catch (error) {
      logger.warn({ err: error, container: id }, 'cannot rotate a container log');
    }
  }
}

/** Undefined when it is not there. Of a link, its own. */
async function sizeOf(logPath: string): Promise<number | undefined> {
  const folder = LogFolder.of(logPath);
  try {
    return await lstat(join(folder.path, basename(logPath))).then(({ size }) => size, () => undefined);
  } finally {
    folder.close();
  }
}
