import { formatTime, isNotFound, newBadRequest, newConflict, newInvalid } from '@podling/shared/api';
import type { BoundObjectReference, Node, Pod, Secret, ServiceAccount, TokenRequest } from '@podling/shared/api';
import { tokenRequestKind } from '@podling/shared/scheme';
import type { Clock } from '@podling/shared/util';
import type { NamedUid } from '../../authentication/service-account/claims.ts';
import type { TokenIssuer, TokenSubject } from '../../authentication/service-account/token-issuer.ts';
import type { RegistryStore } from '../generic/registry-store.ts';

/** Asked for by clients that renew too late: their tokens for the apiserver live for a year, and warn after this. */
const warnOnlySeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

export interface TokenRequestStores {
  serviceAccounts: RegistryStore<ServiceAccount>;
  pods: RegistryStore<Pod>;
  secrets: RegistryStore<Secret>;
  nodes: RegistryStore<Node>;
}

type Bound = Pick<TokenSubject, 'pod' | 'secret' | 'node'>;

const gr = { group: tokenRequestKind.group, resource: tokenRequestKind.kind };
const namedUid = ({ metadata: { name, uid = '' } }: Pod | Secret | Node | ServiceAccount): NamedUid => ({ name, uid });

function mustMatch(field: 'name' | 'namespace', value: string, name: string): never {
  const message = `Invalid value: ${JSON.stringify(value)}: must match the service account ${field} if specified`;
  throw newInvalid(tokenRequestKind, name, [{ field: `metadata.${field}`, reason: 'FieldValueInvalid', message }]);
}

/** Body and path name the same account. */
function checkIdentity({ metadata }: TokenRequest, namespace: string, name: string): void {
  if (metadata.name && metadata.name !== name) mustMatch('name', metadata.name, name);
  if (metadata.namespace && metadata.namespace !== namespace) mustMatch('namespace', metadata.namespace, name);
}

function checkUid(wanted: string | undefined, { metadata }: ServiceAccount): void {
  if (!wanted || wanted === metadata.uid) return;
  throw newConflict(gr, metadata.name, `the UID in the token request (${wanted}) does not match the UID of the service account (${metadata.uid ?? ''})`);
}

/**
 * Tokens for service accounts: what they may be bound to, and for how long they live. Upstream twin: `TokenREST`.
 */
export class TokenRequests {
  readonly #stores: TokenRequestStores;
  readonly #issuer: TokenIssuer;
  readonly #clock: Clock;

  constructor({ stores, issuer, clock }: { stores: TokenRequestStores; issuer: TokenIssuer; clock: Clock }) {
    this.#stores = stores;
    this.#issuer = issuer;
    this.#clock = clock;
  }

  /**
   * The request with its token. `validate` is validating admission. Throws 404 for an account or a bound object that is
   * not there, 409 for another uid, 422 for a lifetime that is not allowed.
   */
  async create(namespace: string, name: string, request: TokenRequest, validate: (request: TokenRequest) => Promise<void>): Promise<TokenRequest> {
    checkIdentity(request, namespace, name);
    const account = await this.#stores.serviceAccounts.get(namespace, name);
    checkUid(request.metadata.uid, account);
    const nowMs = this.#clock.now();
    const { uid = '' } = account.metadata;
    const audiences = request.spec.audiences.length > 0 ? request.spec.audiences : [...this.#issuer.audiences];
    const asked: TokenRequest = {
      ...request,
      metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: formatTime(new Date(nowMs)) },
      spec: { ...request.spec, audiences },
    };
    const errors = tokenRequestKind.validateCreate(asked);
    if (errors.length > 0) throw newInvalid(tokenRequestKind, '', errors);
    await validate(asked);
    const bound = await this.#bound(asked, account);
    const token = await this.#issuer.issue({ audiences, namespace, serviceAccount: namedUid(account), ...bound, ...this.#lifetime(asked, bound) }, nowMs);
    const expirationTimestamp = formatTime(new Date(nowMs + (asked.spec.expirationSeconds ?? 0) * 1000));
    return { ...asked, status: { token, expirationTimestamp } };
  }

  #lifetime({ spec: { expirationSeconds = 0, audiences } }: TokenRequest, { pod }: Bound): Pick<TokenSubject, 'expirationSeconds' | 'warnAfterSeconds'> {
    const isOurs = audiences.every((audience) => this.#issuer.audiences.includes(audience));
    if (!pod || expirationSeconds !== warnOnlySeconds || !isOurs) return { expirationSeconds };
    return { expirationSeconds: extendedSeconds, warnAfterSeconds: expirationSeconds };
  }

  async #bound({ spec: { boundObjectRef } }: TokenRequest, account: ServiceAccount): Promise<Bound> {
    if (!boundObjectRef) return {};
    const { kind = '', apiVersion = '', name = '' } = boundObjectRef;
    const { namespace = '' } = account.metadata;
    switch (apiVersion === 'v1' ? kind : '') {
      case 'Pod': return this.#boundPod(await this.#stores.pods.get(namespace, name), account, boundObjectRef);
      case 'Secret': return { secret: checked(await this.#stores.secrets.get(namespace, name), boundObjectRef) };
      case 'Node': return { node: checked(await this.#stores.nodes.get('', name), boundObjectRef) };
      default: throw newBadRequest(`cannot bind token to object of type ${typeText(apiVersion, kind)}`);
    }
  }

  async #boundPod(pod: Pod, { metadata: { name } }: ServiceAccount, reference: BoundObjectReference): Promise<Bound> {
    if (pod.spec.serviceAccountName !== name) {
      throw newBadRequest(`cannot bind token for serviceaccount ${JSON.stringify(name)} to pod running with different serviceaccount name.`);
    }
    const { nodeName } = pod.spec;
    return { pod: checked(pod, reference), ...(nodeName ? { node: await this.#nodeOf(nodeName) } : {}) };
  }

  /** A node that is not there is named all the same. */
  async #nodeOf(name: string): Promise<NamedUid> {
    try {
      return namedUid(await this.#stores.nodes.get('', name));
    } catch (error) {
      if (isNotFound(error)) return { name };
      throw error;
    }
  }
}

function typeText(apiVersion: string, kind: string): string {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return `${group}/${version}, Kind=${kind}`;
}

function checked(object: Pod | Secret | Node, { uid, kind = '' }: BoundObjectReference): NamedUid {
  const found = namedUid(object);
  if (!uid || uid === found.uid) return found;
  const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw newConflict({ group: '', resource: kind }, found.name, why);
}
