import { describe, expect, it } from 'vitest';
import { FakeClock } from '@podling/shared/testing';
import { ephemeralSigningKey, publicHalf } from './keys.ts';
import type { Reference, Referent } from './referents.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';
import { Signatures } from './signatures.ts';
import { TokenIssuer } from './token-issuer.ts';

const key = ephemeralSigningKey();
const robot = { audiences: ['me'], namespace: 'default', serviceAccount: { name: 'robot', uid: 'u' }, expirationSeconds: 600 };
const leewayMs = 60_000;

function setUp(find: (reference: Reference) => Referent | undefined = ({ uid }) => ({ uid }), issuer = 'me') {
  const clock = new FakeClock();
  const tokens = new ServiceAccountTokens({ signatures: new Signatures([publicHalf(key)]), issuers: ['me'], audiences: ['me'], referents: { find: async (reference) => find(reference) }, clock });
  return { clock, tokens, tokenIssuer: new TokenIssuer({ key, issuer, audiences: ['me'] }) };
}

describe('service account tokens', () => {
  it('are good until they expire, a minute of leeway apart', async () => {
    const { clock, tokens, tokenIssuer } = setUp();
    const token = await tokenIssuer.issue(robot, clock.now());
    expect((await tokens.authenticate(token)).user.name).toBe('system:serviceaccount:default:robot');
    await clock.advance(600_000 + leewayMs);
    await expect(tokens.authenticate(token)).resolves.toBeDefined();
    await clock.advance(1000);
    await expect(tokens.authenticate(token)).rejects.toThrow('service account token has expired');
  });

  it('are not good before their time', async () => {
    const { clock, tokens, tokenIssuer } = setUp();
    const token = await tokenIssuer.issue(robot, clock.now() + leewayMs + 2000);
    await expect(tokens.authenticate(token)).rejects.toThrow('service account token is not valid yet');
  });

  it('are not good from another issuer', async () => {
    const { clock, tokens, tokenIssuer } = setUp(undefined, 'somebody');
    await expect(tokens.authenticate(await tokenIssuer.issue(robot, clock.now()))).rejects.toThrow('token issuer "somebody" is invalid');
  });

  it.each<[string, object, (reference: Reference) => Referent | undefined, string]>([
    ['the account is gone', {}, () => undefined, 'serviceaccounts "robot" not found'],
    ['another account has its name', {}, () => ({ uid: 'v' }), 'service account UID (v) does not match claim (u)'],
    ['the account was deleted', {}, ({ uid }) => ({ uid, deletedAt: -leewayMs - 1000 }), 'service account default/robot has been deleted'],
    ['the pod is gone', { pod: { name: 'p', uid: 'p' } }, ({ kind, uid }) => (kind === 'Pod' ? undefined : { uid }), 'service account token has been invalidated'],
    ['another pod has its name', { pod: { name: 'p', uid: 'p' } }, ({ kind, uid }) => ({ uid: kind === 'Pod' ? 'q' : uid }), 'pod UID (q) does not match service account pod ref claim (p)'],
    ['the node is gone', { node: { name: 'n', uid: 'n' } }, ({ kind, uid }) => (kind === 'Node' ? undefined : { uid }), 'service account token has been invalidated'],
  ])('are worth nothing when %s', async (_what, bound, find, message) => {
    const epoch = new FakeClock().now();
    const { clock, tokens, tokenIssuer } = setUp((reference) => {
      const found = find(reference);
      return found?.deletedAt === undefined ? found : { ...found, deletedAt: epoch + found.deletedAt };
    });
    await expect(tokens.authenticate(await tokenIssuer.issue({ ...robot, ...bound }, clock.now()))).rejects.toThrow(message);
  });

  it('of a pod outlive its node', async () => {
    const { clock, tokens, tokenIssuer } = setUp(({ kind, uid }) => (kind === 'Node' ? undefined : { uid }));
    const { user } = await tokens.authenticate(await tokenIssuer.issue({ ...robot, pod: { name: 'p', uid: 'p' }, node: { name: 'n', uid: 'n' } }, clock.now()));
    expect(user.extra).toMatchObject({ 'authentication.kubernetes.io/pod-name': ['p'], 'authentication.kubernetes.io/node-name': ['n'], 'authentication.kubernetes.io/node-uid': ['n'] });
  });

  it('pass on that nobody can tell', async () => {
    const away = new Error('etcd is away');
    const { clock, tokens, tokenIssuer } = setUp(() => { throw away; });
    await expect(tokens.authenticate(await tokenIssuer.issue(robot, clock.now()))).rejects.toBe(away);
  });
});
