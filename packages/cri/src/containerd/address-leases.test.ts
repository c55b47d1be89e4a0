import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressLeases } from './address-leases.ts';

describe('AddressLeases', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-leases-'));
    mkdirSync(join(folder, 'ipam/flannel'), { recursive: true });
    const files = { '10.0.0.2': 'podling-one\r\neth0', '10.0.0.3': 'podling-two\r\neth0', '10.0.0.4': 'k8s.io-one\r\neth0', 'last_reserved_ip.0': '10.0.0.4', lock: '' };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'ipam/flannel', name), text);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function leases(ipam: object): AddressLeases {
    writeFileSync(join(folder, '10-flannel.conflist'), JSON.stringify({ name: 'flannel', plugins: [{ type: 'flannel', ipam }, { type: 'portmap' }] }));
    return new AddressLeases({ cniConfDir: folder, network: 'flannel', namespace: 'podling' });
  }

  it('gives back the addresses of the named containers of its namespace, and nothing else', () => {
    const all = leases({ type: 'host-local', dataDir: join(folder, 'ipam') });
    expect(all.holders()).toEqual(new Set(['one', 'two']));
    all.release(new Set(['one']));
    expect(readdirSync(join(folder, 'ipam/flannel')).toSorted()).toEqual(['10.0.0.3', '10.0.0.4', 'last_reserved_ip.0', 'lock']);
  });

  it.each([{ type: 'dhcp', dataDir: 'ipam' }, { type: 'host-local' }])('knows none where the folder is not known: %s', (ipam) => {
    expect(leases(ipam).holders()).toEqual(new Set());
  });
});
