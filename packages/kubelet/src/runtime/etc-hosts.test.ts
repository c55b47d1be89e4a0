import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PodSpec } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { etcHosts, podHostname } from './etc-hosts.ts';

const pod = (spec: Partial<PodSpec> = {}) => podOf([{ name: 'web' }], spec);
const hosts = async (spec: Partial<PodSpec>, ips = ['10.0.0.2']) => (await etcHosts(pod(spec), ips, 'cluster.local')).split('\n');
const localhost = ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', 'fe00::0\tip6-localnet', 'fe00::0\tip6-mcastprefix', 'fe00::1\tip6-allnodes', 'fe00::2\tip6-allrouters'];

describe('etcHosts', () => {
  it.each<[string, Partial<PodSpec>, string]>([
    ['its hostname', { hostname: 'h' }, '10.0.0.2\th'],
    ['its full name where it has a subdomain', { hostname: 'h', subdomain: 's' }, '10.0.0.2\th.s.default.svc.cluster.local\th'],
    ['the name that overrides all others', { hostname: 'h', subdomain: 's', hostnameOverride: 'own.example' }, '10.0.0.2\town.example'],
    ['its hostname alone, although the kernel is told the full one', { hostname: 'h', subdomain: 's', setHostnameAsFQDN: true }, '10.0.0.2\th.s.default.svc.cluster.local\th'],
  ])('has localhost, then the pod by %s, and no more', async (_, spec, line) => {
    expect(await hosts(spec)).toEqual(['# Kubernetes-managed hosts file.', ...localhost, line, '']);
  });

  it('names the pod for each of its addresses, then the aliases', async () => {
    const spec = { hostname: 'h', hostAliases: [{ ip: '1.2.3.4', hostnames: ['x', 'y'] }, { ip: '1.2.3.5', hostnames: ['z'] }] };
    expect((await hosts(spec, ['10.0.0.2', 'fd00::2'])).slice(7)).toEqual([
      '10.0.0.2\th', 'fd00::2\th', '', '# Entries added by HostAliases.', '1.2.3.4\tx\ty', '1.2.3.5\tz', '',
    ]);
  });

  it("is the node's own on the node's network, then the aliases", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podling-hosts-'));
    try {
      await writeFile(join(folder, 'hosts'), '127.0.0.1 localhost\n192.0.2.7 machine\n');
      const text = await etcHosts(pod({ hostNetwork: true, hostAliases: [{ ip: '1.2.3.4', hostnames: ['x'] }] }), ['192.0.2.7'], 'cluster.local', join(folder, 'hosts'));
      expect(text).toBe('# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n192.0.2.7 machine\n\n# Entries added by HostAliases.\n1.2.3.4\tx\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('podHostname', () => {
  it('cuts a long pod name to a valid host name', () => {
    const long = pod();
    long.metadata.name = `${'a'.repeat(62)}.${'b'.repeat(100)}`;
    expect(podHostname(long)).toBe('a'.repeat(62));
  });
});
