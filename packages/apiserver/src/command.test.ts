import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command.ts';

const parse = (...flags: string[]) => parseCommandLine(['node', 'apiserver', ...flags]);
const tls = ['--tls-cert-file', 'c', '--tls-private-key-file', 'k', '--client-ca-file', 'a', '--service-account-signing-key-file', 's'];

describe('the command line', () => {
  it('makes a development server of two flags', () => {
    expect(parse('--storage', 'memory', '--insecure-bind', '127.0.0.1:8080')).toMatchObject({
      storage: { kind: 'memory' }, insecureBind: { address: '127.0.0.1', port: 8080 }, kubeletClient: {}, eventTtlSeconds: 3600,
      maxRequestsInFlight: { readOnly: 400, mutating: 200 }, requestTimeoutMs: 60_000, minRequestTimeoutMs: 1_800_000, shutdownDelayMs: 0,
    });
  });

  it('makes a secure server on etcd', () => {
    const config = parse('--etcd-servers', 'https://a:1,https://b:2', '--etcd-cafile', 'ca', '--bind-address', '10.0.0.1,127.0.0.1', '--secure-port', '7443', '--event-ttl', '30m', '--advertise-address', '192.0.2.1', ...tls);
    expect(config).toMatchObject({
      storage: { kind: 'etcd3', servers: ['https://a:1', 'https://b:2'], prefix: '/registry', caFile: 'ca' },
      serving: { bindAddresses: ['10.0.0.1', '127.0.0.1'], port: 7443, tlsCertFile: 'c', tlsPrivateKeyFile: 'k', clientCaFile: 'a' },
      advertiseAddress: '192.0.2.1', eventTtlSeconds: 1800,
    });
  });

  it('reads audit and limits', () => {
    const flags = ['--audit-log-path', '-', '--audit-policy-file', 'p', '--max-requests-inflight', '0', '--max-mutating-requests-inflight', '7', '--request-timeout', '1m30s', '--shutdown-delay-duration', '500ms'];
    expect(parse('--storage', 'memory', ...tls, ...flags)).toMatchObject({
      audit: { logPath: '-', policyFile: 'p' }, maxRequestsInFlight: { readOnly: 0, mutating: 7 }, requestTimeoutMs: 90_000, shutdownDelayMs: 500,
    });
  });

  it('reads who issues tokens, and which plugins do not run', () => {
    const config = parse('--storage', 'memory', '--insecure-bind', '127.0.0.1:8080', '--service-account-issuer', 'https://a', '--service-account-issuer', 'https://b',
      '--service-account-key-file', 'one', '--service-account-key-file', 'two', '--api-audiences', 'x,y', '--disable-admission-plugins', 'ServiceAccount,Priority');
    expect(config).toMatchObject({
      serviceAccounts: { issuers: ['https://a', 'https://b'], keyFiles: ['one', 'two'], audiences: ['x', 'y'] }, disabledAdmissionPlugins: ['ServiceAccount', 'Priority'],
    });
  });

  it.each([
    ['tokens that would not outlive it', ['--etcd-servers', 'https://a:1', ...tls.slice(0, -2)]],
    ['an issuer that is no URL', ['--storage', 'memory', '--insecure-bind', '127.0.0.1:8080', '--service-account-issuer', 'ht tp://a']],
    ['etcd without servers', tls], ['an unknown storage', ['--storage', 'paper', ...tls]], ['no way to serve', ['--storage', 'memory']],
    ['half of TLS', ['--storage', 'memory', '--tls-cert-file', 'c']], ['an address that is no IP', ['--storage', 'memory', '--advertise-address', 'host', ...tls]],
    ['an address that nobody reaches', ['--storage', 'memory', '--advertise-address', '127.0.0.1', ...tls]], ['a wrong port', ['--storage', 'memory', '--secure-port', 'x', ...tls]],
    ['an open insecure port', ['--storage', 'memory', '--insecure-bind', '0.0.0.0:8080']], ['an insecure port without a port', ['--storage', 'memory', '--insecure-bind', '127.0.0.1']],
    ['a policy without a log', ['--storage', 'memory', '--audit-policy-file', 'p', ...tls]], ['a wrong limit', ['--storage', 'memory', '--max-requests-inflight', '-1', ...tls]],
    ['a wrong TTL', ['--storage', 'memory', '--event-ttl', 'soon', ...tls]],
  ])('refuses %s', (_what, flags) => {
    expect(() => parse(...flags)).toThrow(Error);
  });
});
