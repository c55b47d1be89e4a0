import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PortlessNetwork } from './portless-network.ts';

const bridge = { type: 'bridge', ipam: { type: 'host-local', dataDir: '/ipam' } };
const portmap = { type: 'portmap', capabilities: { portMappings: true } };

describe('PortlessNetwork', () => {
  let root: string;
  let cniConfDir: string;
  let network: PortlessNetwork;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'podling-cni-'));
    cniConfDir = join(root, 'net.d');
    mkdirSync(cniConfDir);
    network = new PortlessNetwork({ cniConfDir, network: 'pods', folder: join(root, 'portless') });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const configure = (...plugins: object[]): void => writeFileSync(join(cniConfDir, '10-pods.conflist'), JSON.stringify({ name: 'pods', cniVersion: '0.3.1', plugins }));
  const portless = (): unknown => JSON.parse(readFileSync(join(network.confDir(), 'pods.conflist'), 'utf8'));

  it('is the pod network without the plugin that maps ports, as it is now', () => {
    configure(bridge, portmap);
    expect(portless()).toEqual({ name: 'pods', cniVersion: '0.3.1', plugins: [bridge] });
    configure(bridge, { type: 'tuning' }, portmap);
    expect(portless()).toMatchObject({ plugins: [bridge, { type: 'tuning' }] });
    expect(readdirSync(join(root, 'portless'))).toEqual(['pods.conflist']);
  });

  it('is the pod network itself where nothing can be left out', () => {
    expect(network.confDir()).toBe(cniConfDir);
    configure(bridge);
    expect(network.confDir()).toBe(cniConfDir);
    configure(portmap);
    expect(network.confDir()).toBe(cniConfDir);
  });
});
