/** CRI's name of a stop signal: `SIGTERM`, `SIGRTMINPLUS3`. */
export type Signal = 'RUNTIME_DEFAULT' | `SIG${string}`;

/** `SIGRTMIN+3` is `SIGRTMINPLUS3` here. Undefined: what the runtime would take by itself. */
export function criSignal(name: string | undefined): Signal {
  if (name === undefined || name === '') return 'RUNTIME_DEFAULT';
  return name.replace('+', 'PLUS').replace('-', 'MINUS') as Signal;
}

/** The way back. */
export function signalName(signal: Signal): string | undefined {
  if (signal === 'RUNTIME_DEFAULT') return undefined;
  return signal.replace('PLUS', '+').replace('MINUS', '-');
}
