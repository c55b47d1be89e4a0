import { named, oneOf } from './schema.ts';

const numbered = (name: string, from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `${name}${from + index}`);

/** Linux' signals by name. */
const linuxSignals = [
  'SIGABRT', 'SIGALRM', 'SIGBUS', 'SIGCHLD', 'SIGCLD', 'SIGCONT', 'SIGFPE', 'SIGHUP', 'SIGILL', 'SIGINT', 'SIGIO', 'SIGIOT', 'SIGKILL', 'SIGPIPE',
  'SIGPOLL', 'SIGPROF', 'SIGPWR', 'SIGQUIT', 'SIGSEGV', 'SIGSTKFLT', 'SIGSTOP', 'SIGSYS', 'SIGTERM', 'SIGTRAP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG',
  'SIGUSR1', 'SIGUSR2', 'SIGVTALRM', 'SIGWINCH', 'SIGXCPU', 'SIGXFSZ',
  'SIGRTMIN', ...numbered('SIGRTMIN+', 1, 15), 'SIGRTMAX', ...numbered('SIGRTMAX-', 1, 14),
];

/** As `stopSignal` takes them. */
export const signal = named<string>(oneOf(...linuxSignals));
/** In the order in which messages name them. */
export const supportedSignals: readonly string[] = linuxSignals.toSorted();
