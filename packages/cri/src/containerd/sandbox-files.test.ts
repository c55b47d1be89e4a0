import { describe, expect, it } from 'vitest';
import { hostsFile, resolvConf } from './sandbox-files.ts';

describe('sandbox files', () => {
  it('hosts has localhost and the pod, and nobody else', () => {
    const lines = hostsFile('10.0.0.5', 'web').trimEnd().split('\n');
    expect(lines[0]).toBe('127.0.0.1\tlocalhost');
    expect(lines.at(-1)).toBe('10.0.0.5\tweb');
    expect(lines.filter((line) => line.startsWith('10.'))).toHaveLength(1);
  });

  it('resolv.conf keeps the order of nameservers and leaves out what is empty', () => {
    expect(resolvConf({ servers: ['10.96.0.10', '1.1.1.1'], searches: ['a.b', 'b'], options: ['ndots:5', 'edns0'] })).toBe(
      'search a.b b\nnameserver 10.96.0.10\nnameserver 1.1.1.1\noptions ndots:5 edns0\n',
    );
    expect(resolvConf({ servers: [], searches: [], options: [] })).toBe('');
  });
});
