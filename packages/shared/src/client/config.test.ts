import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKubeconfig } from './config.ts';

const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const base64 = Buffer.from(pem).toString('base64');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function kubeconfig({ cluster = 'server: https://10.0.0.1:6443', user = 'token: abc', context = '{cluster: c, user: u}' } = {}): string {
  return [
    'apiVersion: v1', 'kind: Config', 'current-context: main',
    `clusters: [{name: c, cluster: {${cluster}}}]`,
    `users: [{name: u, user: {${user}}}]`,
    `contexts: [{name: main, context: ${context}}, {name: other, context: {cluster: c, user: u, namespace: kube-system}}]`,
  ].join('\n');
}

describe('loadKubeconfig', () => {
  it('reads inline data', () => {
    const file = write('config', kubeconfig({
      cluster: `server: "https://10.0.0.1:6443/", certificate-authority-data: ${base64}`,
      user: `client-certificate-data: ${base64}, client-key-data: ${base64}`,
    }));
    expect(loadKubeconfig(file)).toEqual({
      server: 'https://10.0.0.1:6443', certificateAuthority: pem, clientCertificate: pem, clientKey: pem, namespace: 'default',
    });
  });

  it('reads files relative to its own folder', () => {
    mkdirSync(join(folder, 'pki'));
    write('pki/ca.crt', pem);
    write('token', 'from-file\n');
    const file = write('config', kubeconfig({ cluster: 'server: https://h, certificate-authority: pki/ca.crt', user: 'tokenFile: token' }));
    expect(loadKubeconfig(file)).toMatchObject({ certificateAuthority: pem, token: 'from-file' });
  });

  it('takes the context that is asked for', () => {
    expect(loadKubeconfig(write('config', kubeconfig()), { context: 'other' }).namespace).toBe('kube-system');
  });

  it('takes the cluster and the user that are asked for, with no context too', () => {
    const text = [
      'clusters: [{name: c, cluster: {server: "https://c"}}, {name: d, cluster: {server: "https://d", tls-server-name: inside}}]',
      'users: [{name: u, user: {token: of-u}}, {name: v, user: {token: of-v, as: jane, as-uid: "7", as-groups: [ops, dev]}}]',
      'contexts: [{name: main, context: {cluster: c, user: u, namespace: blue}}]',
    ].join('\n');
    const file = write('config', text);
    expect(loadKubeconfig(file, { cluster: 'd' })).toEqual({ server: 'https://d', tlsServerName: 'inside', namespace: 'default' });
    expect(loadKubeconfig(file, { context: 'main', user: 'v' })).toEqual({
      server: 'https://c', token: 'of-v', namespace: 'blue', impersonate: { user: 'jane', uid: '7', groups: ['ops', 'dev'] },
    });
    expect(() => loadKubeconfig(file, { context: 'main', user: 'w' })).toThrow(`user "w" does not exist in kubeconfig ${file}`);
    expect(() => loadKubeconfig(file, { cluster: 'e' })).toThrow(`cluster "e" does not exist in kubeconfig ${file}`);
  });

  it('reads JSON as well', () => {
    const text = JSON.stringify({
      'current-context': 'm', clusters: [{ name: 'c', cluster: { server: 'http://h' } }], contexts: [{ name: 'm', context: { cluster: 'c' } }],
    });
    expect(loadKubeconfig(write('config', text))).toEqual({ server: 'http://h', namespace: 'default' });
  });

  it('merges the files of $KUBECONFIG, the first definition wins, missing files are passed over', () => {
    const first = write('a', 'current-context: other\nclusters: [{name: c, cluster: {server: "https://first"}}]');
    const second = write('b', kubeconfig());
    const env = { KUBECONFIG: [first, join(folder, 'missing'), second].join(':') };
    expect(loadKubeconfig(undefined, { env })).toMatchObject({ server: 'https://first', namespace: 'kube-system', token: 'abc' });
  });

  it('falls back to ~/.kube/config', () => {
    mkdirSync(join(folder, '.kube'));
    write('.kube/config', kubeconfig());
    expect(loadKubeconfig(undefined, { env: { HOME: folder } }).server).toBe('https://10.0.0.1:6443');
  });

  it.each<[string, string, string]>([
    ['text that is not YAML', 'a: [', 'error loading kubeconfig'],
    ['a list', '- a', 'it is not a mapping'],
    ['clusters that are no list', 'clusters: {a: b}', 'clusters is not a list'],
    ['no context', 'kind: Config', 'has no current-context'],
    ['a context that is not there', 'current-context: x', 'context "x" does not exist'],
    ['an unknown cluster', kubeconfig({ context: '{cluster: nope, user: u}' }), 'names cluster "nope", which does not exist'],
    ['an unknown user', kubeconfig({ context: '{cluster: c, user: nope}' }), 'names user "nope", which does not exist'],
    ['a server that is no URL', kubeconfig({ cluster: 'server: nonsense' }), 'is not a URL'],
    ['data that is not base64 of a PEM', kubeconfig({ cluster: 'server: https://h, certificate-authority-data: AAAA' }), 'is not base64 of a PEM'],
    ['a file that is missing', kubeconfig({ cluster: 'server: https://h, certificate-authority: gone.crt' }), 'unable to read certificate-authority gone.crt'],
    ['a certificate without its key', kubeconfig({ user: `client-certificate-data: ${base64}` }), 'belong together'],
  ])('explains %s', (_what, text, message) => {
    expect(() => loadKubeconfig(write('config', text))).toThrow(message);
  });

  it('explains a file that is none', () => {
    expect(() => loadKubeconfig(folder)).toThrow(`error loading config file "${folder}": read ${folder}: is a directory`);
  });

  it('explains a file that does not exist', () => {
    expect(() => loadKubeconfig(join(folder, 'gone'))).toThrow(/no kubeconfig found: .*gone does not exist$/);
    expect(() => loadKubeconfig(undefined, { env: { HOME: folder } })).toThrow('set $KUBECONFIG or pass --kubeconfig');
  });
});
