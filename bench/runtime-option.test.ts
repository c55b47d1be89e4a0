import { describe, expect, it } from 'vitest';
import { runtimeOption } from './runtime-option.ts';

describe('--runtime', () => {
  it.each([
    [[], { runtime: 'native', rest: [] }],
    [['12'], { runtime: 'native', rest: ['12'] }],
    [['12', '--runtime', 'cri'], { runtime: 'cri', rest: ['12'] }],
    [['--runtime=containerd', '12'], { runtime: 'native', rest: ['12'] }],
  ])('%j chooses the runtime and leaves the other arguments', (args, expected) => {
    expect(runtimeOption(args)).toEqual(expected);
  });

  it('names the runtimes that there are', () => {
    expect(() => runtimeOption(['--runtime', 'crio'])).toThrow('there are containerd and cri');
  });
});
