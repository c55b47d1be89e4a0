import { namespaceOf, type Pod, type Volume, type VolumeProjection } from '@podling/shared/api';
import type { ObjectReference } from '../objects/object-watches.ts';
import type { TokenWish } from '../objects/token-manager.ts';

const defaultExpirationSeconds = 3600;

/** The objects that a volume is made of. */
export function objectReferences(pod: Pod, { configMap, secret, projected }: Volume): ObjectReference[] {
  const namespace = namespaceOf(pod);
  const of = (source: Pick<VolumeProjection, 'configMap' | 'secret'>): ObjectReference[] => [
    ...(source.configMap ? [{ kind: 'configmap' as const, namespace, name: source.configMap.name ?? '' }] : []),
    ...(source.secret ? [{ kind: 'secret' as const, namespace, name: source.secret.name ?? '' }] : []),
  ];
  const own = { ...(configMap ? { configMap } : {}), ...(secret ? { secret: { name: secret.secretName ?? '' } } : {}) };
  return [...of(own), ...(projected?.sources ?? []).flatMap(of)];
}

/** The tokens in a volume, and where. */
export function tokensIn({ projected }: Volume): { path: string; wish: TokenWish }[] {
  return (projected?.sources ?? []).flatMap(({ serviceAccountToken: source }) => (source ? [{ path: source.path, wish: tokenWish(source) }] : []));
}

export function tokenWish({ audience = '', expirationSeconds = defaultExpirationSeconds }: NonNullable<VolumeProjection['serviceAccountToken']>): TokenWish {
  return { audience, expirationSeconds };
}
