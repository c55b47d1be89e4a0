import { access } from 'node:fs/promises';
import { Background, exponentialBackoff, type Clock, type Logger } from '@podling/shared/util';

/** A program that runs until it is told to end; `lines` are what it writes. */
export interface RunningProgram {
  lines: AsyncIterable<string>;
  end(): void;
}

export interface LogindOptions {
  run: (file: string, args: readonly string[]) => RunningProgram;
  /** The system bus; without it there is no logind to listen to. */
  busSocket?: string;
  /** The machine is about to go down; it waits until this resolves, as long as logind allows. */
  onShutdown: () => Promise<void>;
  /** It stays up after all. */
  onCancel: () => void;
  clock: Clock;
  logger: Logger;
}

const systemBus = '/run/dbus/system_bus_socket';
const match = "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'";
const reason = 'Kubelet needs time to handle node shutdown';

/**
 * Hears from systemd-logind that the machine goes down, and holds it up meanwhile with a delay lock. Both through systemd's
 * own programs: the lock is a file descriptor that travels over the bus, which Node cannot receive. Where there is no
 * system bus nothing happens; where a program fails it is started again, later each time.
 * Upstream twin: `nodeshutdown/systemd.DBusCon`.
 */
export class Logind {
  readonly #options: LogindOptions;
  readonly #background = new Background('the kubelet', () => this.#run());
  #monitor: RunningProgram | undefined;
  #lock: RunningProgram | undefined;

  constructor(options: LogindOptions) {
    this.#options = options;
  }

  start(): void {
    this.#background.start();
  }

  async stop(): Promise<void> {
    const stopped = this.#background.stop();
    this.#monitor?.end();
    this.#unlock();
    await stopped;
  }

  async #run(): Promise<void> {
    const { busSocket = systemBus, clock, logger } = this.#options;
    const there = await access(busSocket).then(() => true, () => false);
    if (!there) return logger.info({ busSocket }, 'no system bus: a shutdown of the machine is not heard of');
    const backoff = exponentialBackoff({ initialMs: 1_000, maxMs: 60_000 });
    while (!this.#background.signal.aborted) {
      try {
        await this.#listen();
      } catch (error) {
        if (!this.#background.signal.aborted) logger.warn({ err: error }, 'cannot listen to logind');
      }
      this.#unlock();
      await clock.sleep(backoff.next(), this.#background.signal).catch(() => undefined);
    }
  }

  async #listen(): Promise<void> {
    this.#monitor = this.#options.run('busctl', ['--system', '--json=short', 'monitor', '--match', match]);
    this.#takeLock();
    for await (const line of this.#monitor.lines) this.#hear(line);
  }

  #hear(line: string): void {
    const goesDown = announcedShutdown(line);
    if (goesDown === undefined) return;
    if (!goesDown) {
      this.#options.onCancel();
      this.#takeLock();
      return;
    }
    this.#options.onShutdown().then(() => this.#unlock(), (error: unknown) => this.#options.logger.error({ err: error }, 'graceful shutdown failed'));
  }

  /** Logind waits for the program that holds it, no longer than its own InhibitDelayMaxSec. */
  #takeLock(): void {
    if (this.#lock || this.#background.signal.aborted) return;
    const lock = this.#options.run('systemd-inhibit', ['--what=shutdown', '--mode=delay', '--who=kubelet', `--why=${reason}`, 'sleep', 'infinity']);
    this.#lock = lock;
    void drain(lock).catch((error: unknown) => {
      if (this.#lock !== lock) return;
      this.#lock = undefined;
      this.#options.logger.warn({ err: error }, 'the machine will not wait for pods to end when it goes down');
    });
  }

  #unlock(): void {
    const lock = this.#lock;
    this.#lock = undefined;
    lock?.end();
  }
}

async function drain({ lines }: RunningProgram): Promise<void> {
  for await (const _ of lines) continue;
}

/** What a line of busctl's says: true when the machine goes down, false when it does not after all. */
function announcedShutdown(line: string): boolean | undefined {
  try {
    const message = JSON.parse(line) as { member?: string; payload?: { data?: unknown[] } };
    const announced = message.member === 'PrepareForShutdown' ? message.payload?.data?.[0] : undefined;
    return typeof announced === 'boolean' ? announced : undefined;
  } catch {
    return undefined;
  }
}
