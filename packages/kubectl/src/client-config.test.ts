import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientConfig, LoadKubeconfigOptions } from '@podling/shared/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionOf } from './client-config.ts';

const known: ClientConfig = {
  server: 'https://known:6443', certificateAuthority: 'old authority', clientCertificate: 'old certificate', clientKey: 'old key', tlsServerName: 'inside', namespace: 'blue',
};
const load = (): ClientConfig => known;
const none = (): never => {
  throw new Error('no kubeconfig found');
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podling-connection-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, `new ${name}`);
  return file;
}

describe('the flags of a connection', () => {
  it('leave the kubeconfig as it is when none is said, or an empty one', () => {
    expect(connectionOf({}, {}, load)).toEqual(known);
    expect(connectionOf({ server: '', token: '', as: '', context: '', certificateAuthority: '' }, {}, load)).toEqual(known);
  });

  it('choose context, cluster and user', () => {
    const asked: LoadKubeconfigOptions[] = [];
    const loadAsked = (_path: string | undefined, options: LoadKubeconfigOptions = {}): ClientConfig => {
      asked.push(options);
      return known;
    };
    connectionOf({ context: 'a', cluster: 'b', user: 'c' }, { HOME: '/h' }, loadAsked);
    expect(asked).toEqual([{ context: 'a', cluster: 'b', user: 'c', env: { HOME: '/h' } }]);
  });

  it('win over the kubeconfig', () => {
    const [certificateAuthority, clientCertificate, clientKey] = ['authority', 'certificate', 'key'].map(write) as [string, string, string];
    expect(connectionOf({ server: 'other:8080/', certificateAuthority, clientCertificate, clientKey, token: 'abc' }, {}, load)).toEqual({
      server: 'http://other:8080', certificateAuthority: 'new authority', clientCertificate: 'new certificate', clientKey: 'new key', token: 'abc', namespace: 'blue',
    });
  });

  it('leave the authority out when the server is not verified', () => {
    const { certificateAuthority: _, ...rest } = known;
    expect(connectionOf({ insecureSkipTlsVerify: true, tlsServerName: 'outside' }, {}, load)).toEqual({ ...rest, insecureSkipTlsVerify: true, tlsServerName: 'outside' });
  });

  it('say whom to act as', () => {
    expect(connectionOf({ as: 'jane', asUid: '7', asGroup: ['ops', 'dev'], asUserExtra: ['scopes=a', 'scopes=b=c'] }, {}, load).impersonate).toEqual({
      user: 'jane', uid: '7', groups: ['ops', 'dev'], extra: { scopes: ['a', 'b=c'] },
    });
  });

  it('need no kubeconfig when they name the server and nothing of a kubeconfig', () => {
    expect(connectionOf({ server: 'https://h', token: 'abc' }, {}, none)).toEqual({ server: 'https://h', token: 'abc', namespace: 'default' });
    expect(() => connectionOf({ server: 'https://h', user: 'jane' }, {}, none)).toThrow('no kubeconfig found');
  });

  it.each([
    [{ certificateAuthority: 'ca.crt', insecureSkipTlsVerify: true }, 'specifying a root certificates file with the insecure flag is not allowed'],
    [{ certificateAuthority: '/nonexistent/ca.crt' }, 'unable to read certificate-authority /nonexistent/ca.crt due to open /nonexistent/ca.crt: no such file or directory'],
    [{ asGroup: ['ops'] }, 'requesting uid, groups or user-extra without impersonating a user: say --as too'],
    [{ as: 'jane', asUserExtra: ['scopes'] }, 'invalid argument "scopes" for "--as-user-extra"'],
    [{ server: 'http://[' }, 'invalid argument "http://[" for "--server": not a URL'],
  ])('are refused when they make no sense: %j', (options, message) => {
    expect(() => connectionOf(options, {}, load)).toThrow(message);
  });
});
