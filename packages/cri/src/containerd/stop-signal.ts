import { constants } from 'node:os';
import { CriError } from '../cri.ts';

const LAST = 64;
const FIRST_REALTIME = 34;

/** The number of a stop signal (`SIGQUIT`, `QUIT`, `3`, `SIGRTMIN+3`); SIGTERM for ''. Fails with `InvalidArgument`. */
export function stopSignalNumber(signal: string): number {
  if (signal === '') return constants.signals.SIGTERM;
  const number = /^[0-9]+$/.test(signal) ? Number(signal) : namedSignal(signal);
  if (number === undefined || number < 1 || number > LAST) throw new CriError('InvalidArgument', `invalid stop signal "${signal.slice(0, 32)}"`);
  return number;
}

function namedSignal(signal: string): number | undefined {
  const name = signal.toUpperCase().replace(/^(SIG)?/, 'SIG');
  const [, end, offset = '0'] = /^SIGRT(MIN|MAX)(?:[+-](\d{1,2}))?$/.exec(name) ?? [];
  if (end !== undefined) return end === 'MIN' ? FIRST_REALTIME + Number(offset) : LAST - Number(offset);
  return constants.signals[name as NodeJS.Signals];
}
