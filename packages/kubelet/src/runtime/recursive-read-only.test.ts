import { describe, expect, it } from 'vitest';
import { recursiveReadOnlyOf, volumeMountStatuses } from './recursive-read-only.ts';

const mount = { name: 'v', mountPath: '/v', readOnly: true };

describe('recursiveReadOnlyOf', () => {
  it.each([
    [{}, true, false], [{ recursiveReadOnly: 'Disabled' }, true, false], [{ recursiveReadOnly: 'IfPossible' }, true, true],
    [{ recursiveReadOnly: 'IfPossible' }, false, false], [{ recursiveReadOnly: 'Enabled' }, true, true],
  ] as const)('%j where the node can (%s): %s', (wish, supported, recursive) => {
    expect(recursiveReadOnlyOf({ ...mount, ...wish }, supported)).toBe(recursive);
  });

  it.each([
    [{ readOnly: false }, true, 'it is not read-only'], [{}, false, 'it is not supported by the runtime'],
    [{ mountPropagation: 'Bidirectional' }, true, 'it is not compatible with propagation "Bidirectional"'],
  ] as const)('refuses %j where the node can (%s): %s', (wish, supported, why) => {
    expect(() => recursiveReadOnlyOf({ ...mount, recursiveReadOnly: 'Enabled', ...wish }, supported)).toThrow(`failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but ${why}`);
  });
});

describe('volumeMountStatuses', () => {
  it('tells the mode of what is read-only', () => {
    const volumeMounts = [mount, { name: 'w', mountPath: '/w' }, { name: 'x', mountPath: '/x', readOnly: true, mountPropagation: 'Bidirectional' as const, recursiveReadOnly: 'Enabled' as const }];
    expect(volumeMountStatuses(volumeMounts)).toEqual([
      { name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Disabled' },
      { name: 'w', mountPath: '/w' },
      { name: 'x', mountPath: '/x', readOnly: true, recursiveReadOnly: 'Disabled' },
    ]);
  });
});
