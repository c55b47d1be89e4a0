import { readFile } from 'node:fs/promises';
import type { Clock, Logger } from '@podling/shared/util';
import type { AdmissionLookups } from './admission/admission-plugins.ts';
import { authenticateAnonymous } from './authentication/anonymous.ts';
import { authenticateByFirst } from './authentication/authenticator.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { authenticateBearer } from './authentication/bearer-token.ts';
import { issuerDocuments } from './authentication/service-account/discovery-document.ts';
import type { IssuerDocuments } from './authentication/service-account/discovery-document.ts';
import { ephemeralSigningKey, publicHalf, signingKeyOf, verificationKeysOf } from './authentication/service-account/keys.ts';
import type { TokenKey } from './authentication/service-account/keys.ts';
import { ServiceAccountTokens } from './authentication/service-account/service-account-tokens.ts';
import { Signatures } from './authentication/service-account/signatures.ts';
import { TokenIssuer } from './authentication/service-account/token-issuer.ts';
import { authenticateUnsecured } from './authentication/unsecured.ts';
import { authenticateX509 } from './authentication/x509.ts';
import { authorizeByAny } from './authorization/authorizer.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { bootstrapRules, serviceAccountRules } from './authorization/bootstrap-policy.ts';
import { nodeAuthorizer } from './authorization/node-authorizer.ts';
import { authorizeByRules, rulesOfAll } from './authorization/rule-source.ts';
import type { ServiceAccountConfig } from './config.ts';
import type { IdentityServices } from './endpoints/identity-services.ts';
import { ObjectCache } from './registry/generic/object-cache.ts';
import type { InstalledResources } from './registry/installed-resources.ts';
import { PodNodeRelations } from './registry/node/node-relations.ts';
import { StoredReferents } from './registry/service-account/referents.ts';
import { TokenRequests } from './registry/service-account/token.ts';

const defaultIssuer = 'https://kubernetes.default.svc';

/** The keys that tokens are signed and checked with. */
export interface TokenKeys {
  signing: TokenKey;
  verification: readonly TokenKey[];
}

/** Reads the key files; without a signing key makes one that lives as long as this process. */
export async function readTokenKeys({ signingKeyFile, keyFiles = [] }: ServiceAccountConfig = {}, logger: Logger): Promise<TokenKeys> {
  if (signingKeyFile === undefined) logger.warn('service account tokens are signed with a key that ends with this process: no --service-account-signing-key-file');
  const signing = signingKeyFile === undefined ? ephemeralSigningKey() : signingKeyOf(await readFile(signingKeyFile, 'utf8'));
  const read = await Promise.all(keyFiles.map(async (file) => verificationKeysOf(await readFile(file, 'utf8'))));
  const others = read.flat().filter(({ id }) => id !== signing.id);
  return { signing, verification: [publicHalf(signing), ...new Map(others.map((key) => [key.id, key])).values()] };
}

export interface IdentityOptions {
  config: ServiceAccountConfig | undefined;
  keys: TokenKeys;
  resources: InstalledResources;
  clock: Clock;
  logger: Logger;
}

/** Who is who and who may what: the part of the composition root that knows every authenticator and authorizer. */
export class Identity {
  readonly services: IdentityServices;
  /** What admission asks of the caches that identity keeps. */
  readonly lookups: Pick<AdmissionLookups, 'serviceAccounts' | 'nodeRestriction'>;
  readonly authorize: Authorizer;
  readonly #bearer: Authenticator;
  readonly #caches: readonly Pick<ObjectCache<never>, 'start' | 'stop'>[];

  constructor({ config = {}, keys, resources, clock, logger }: IdentityOptions) {
    const { issuers = [defaultIssuer] } = config;
    const [issuer = defaultIssuer] = issuers;
    const { audiences = [issuer] } = config;
    const serviceAccounts = new ObjectCache({ store: resources.serviceAccounts, clock, logger });
    const pods = new ObjectCache({ store: resources.pods, indexBy: ({ spec }) => spec.nodeName || undefined, clock, logger });
    const referents = new StoredReferents({ serviceAccounts, pods, secrets: resources.secrets, nodes: resources.nodes });
    const tokens = new ServiceAccountTokens({ signatures: new Signatures(keys.verification), issuers, audiences, referents, clock });
    const tokenIssuer = new TokenIssuer({ key: keys.signing, issuer, audiences });
    this.#caches = [serviceAccounts, pods];
    this.documents = () => issuerDocuments(issuer, keys.verification);
    this.lookups = {
      serviceAccounts,
      nodeRestriction: { pod: (namespace, name) => pods.get(namespace, name), node: (name) => resources.nodes.get('', name) },
    };
    this.#bearer = authenticateBearer(tokens);
    const rules = rulesOfAll([bootstrapRules, serviceAccountRules]);
    this.authorize = authorizeByAny([nodeAuthorizer(new PodNodeRelations(pods)), authorizeByRules(rules)]);
    this.services = { tokenRequests: new TokenRequests({ stores: resources, issuer: tokenIssuer, clock }), tokens, authorize: this.authorize, rules };
  }

  /** For the secure port. */
  readonly authenticate: Authenticator = (request) => authenticateByFirst([authenticateX509, this.#bearer, authenticateAnonymous])(request);

  /** For the insecure port: whoever shows no token may do everything. */
  authenticateUnsecured(hosts: readonly string[]): Authenticator {
    const unsecured = authenticateUnsecured(hosts);
    return async (request) => {
      const anybody = await unsecured(request);
      return (await this.#bearer(request)) ?? anybody;
    };
  }

  /** For those who check tokens without asking. */
  readonly documents: () => Promise<IssuerDocuments>;

  start(): void {
    for (const cache of this.#caches) cache.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#caches.map((cache) => cache.stop()));
  }
}
