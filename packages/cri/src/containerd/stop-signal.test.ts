import { describe, expect, it } from 'vitest';
import { stopSignalNumber } from './stop-signal.ts';

describe('stop signal', () => {
  it.each([['', 15], ['SIGQUIT', 3], ['quit', 3], ['9', 9], ['SIGRTMIN+3', 37], ['SIGRTMAX-1', 63]])('%j is %i', (signal, number) => {
    expect(stopSignalNumber(signal)).toBe(number);
  });

  it.each(['999', '0', 'SIGNONE', 'SIGRTMIN+99', 'constructor', '-1'])('%j is refused', (signal) => {
    expect(() => stopSignalNumber(signal)).toThrow(`invalid stop signal "${signal}"`);
  });
});
