import { describe, expect, it } from 'vitest';
import { capabilities, ownCapabilities } from './capabilities.ts';

const all = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN'];

describe('capabilities', () => {
  it.each([
    ['only what is added once all are dropped', { dropCapabilities: ['ALL'], addCapabilities: ['net_bind_service'] }, ['CAP_NET_BIND_SERVICE']],
    ['all but one', { addCapabilities: ['ALL'], dropCapabilities: ['SYS_ADMIN'] }, ['CAP_CHOWN', 'CAP_KILL']],
    ['none when all are added and dropped', { addCapabilities: ['all'], dropCapabilities: ['all'] }, []],
    ['not what is both added and dropped', { dropCapabilities: ['ALL', 'KILL'], addCapabilities: ['KILL'] }, []],
    ['all that the node has for a privileged one', { privileged: true, dropCapabilities: ['ALL'] }, all],
  ])('are %s', (_, context, expected) => {
    expect(capabilities(context, all)).toEqual(expected);
  });

  it('are fourteen by default, less those dropped', () => {
    expect(capabilities({}, all)).toHaveLength(14);
    expect(capabilities({ dropCapabilities: ['CAP_KILL'] }, all)).not.toContain('CAP_KILL');
  });

  it('of this process are read by bit', () => {
    expect(ownCapabilities('Name:\tnode\nCapEff:\t0000000000200021\n')).toEqual(['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN']);
  });
});
