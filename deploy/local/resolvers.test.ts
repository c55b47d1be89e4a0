import { describe, expect, it } from 'vitest';
import { readResolvers } from './resolvers.ts';

const files = (texts: Record<string, string>) => (path: string) => texts[path] ?? '';
const machine = '/etc/resolv.conf';
const resolved = '/run/systemd/resolve/resolv.conf';

describe('resolvers of a node', () => {
  it.each([
    ["are the machine's", { [machine]: '# x\nsearch corp\nnameserver 10.0.0.1\n nameserver 10.0.0.2 \nnameserver 10.0.0.1\n' }, { resolvConf: machine, nameservers: ['10.0.0.1', '10.0.0.2'] }],
    ['are those behind systemd-resolved', { [machine]: 'nameserver 127.0.0.53', [resolved]: 'nameserver 10.0.0.3' }, { resolvConf: resolved, nameservers: ['10.0.0.3'] }],
    ['are a loopback address without systemd-resolved', { [machine]: 'nameserver 127.0.0.1' }, { resolvConf: machine, nameservers: ['127.0.0.1'] }],
    ['may be none', { [machine]: 'nameserver\nnameserver nonsense\n' }, { resolvConf: machine, nameservers: [] }],
  ])('%s', (_, texts, expected) => {
    expect(readResolvers(undefined, files(texts))).toEqual(expected);
  });

  it('are those of the file that is given', () => {
    const texts = { [machine]: 'nameserver 10.0.0.1', '/own': 'nameserver 127.0.0.9' };
    expect(readResolvers('/own', files(texts))).toEqual({ resolvConf: '/own', nameservers: ['127.0.0.9'] });
  });
});
