import { constants } from 'node:os';

/** The number of an image's STOPSIGNAL (`SIGQUIT`, `QUIT`, `3`); SIGTERM when there is none or it is unknown. */
export function stopSignalNumber(signal: string): number {
  if (/^[0-9]+$/.test(signal)) return Number(signal);
  const name = signal.toUpperCase().replace(/^(SIG)?/, 'SIG') as NodeJS.Signals;
  return constants.signals[name] ?? constants.signals.SIGTERM;
}
