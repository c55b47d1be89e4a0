import type { Clock } from '@podling/shared/util';
import { isMirrorPod, isNotFound } from '@podling/shared/api';
import type { Container, Pod, ServiceAccount } from '@podling/shared/api';
import { podReferences } from '@podling/shared/scheme';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { refusal } from '../refusal.ts';
import { mountServiceAccountToken } from './service-account-volume.ts';

/** Both reject with 404. */
export interface ServiceAccountLookup {
  /** From memory if it can. */
  get(namespace: string, name: string): Promise<ServiceAccount>;
  /** From the store. */
  read(namespace: string, name: string): Promise<ServiceAccount>;
}

const defaultName = 'default';
const enforceMountableSecrets = 'kubernetes.io/enforce-mountable-secrets';
const attemptsForDefault = 10;
const retryMs = 150;

/** Waits a little for a `default` account, which a controller makes for every new namespace. Throws 404. */
async function findAccount(accounts: ServiceAccountLookup, clock: Clock, namespace: string, name: string): Promise<ServiceAccount> {
  const attempts = name === defaultName ? attemptsForDefault : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await (attempt === 1 ? accounts.get(namespace, name) : accounts.read(namespace, name));
    } catch (error) {
      if (!isNotFound(error) || attempt === attempts) throw error;
      await clock.sleep(retryMs);
    }
  }
}

/** The pod of a request that this plugin looks at. */
function createdPod({ operation, resource, subresource, object }: AdmissionRequest): Pod | undefined {
  return operation === 'CREATE' && resource.group === '' && resource.kind === 'Pod' && subresource === '' ? (object as Pod) : undefined;
}

function checkMirrorPod(request: AdmissionRequest, { spec }: Pod): void {
  if (spec.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts');
  if (podReferences(spec).secrets.size > 0) throw refusal(request, 'a mirror pod may not reference secrets');
  const sources = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some(({ serviceAccountToken }) => serviceAccountToken)) throw refusal(request, 'a mirror pod may not use ServiceAccountToken volume projections');
}

function unmountableEnv({ name, env = [], envFrom = [] }: Container, kind: string, allowed: ReadonlySet<string>, account: string): string | undefined {
  const because = (secret: string): string => `referencing secret.secretName="${secret}" is not allowed because service account ${account} does not reference that secret`;
  const variable = env.find(({ valueFrom }) => valueFrom?.secretKeyRef && !allowed.has(valueFrom.secretKeyRef.name ?? ''));
  if (variable) return `${kind} ${name} with envVar ${variable.name} ${because(variable.valueFrom?.secretKeyRef?.name ?? '')}`;
  const source = envFrom.find(({ secretRef }) => secretRef && !allowed.has(secretRef.name ?? ''));
  return source && `${kind} ${name} with envFrom ${because(source.secretRef?.name ?? '')}`;
}

/** Why a pod may not use a secret of its, for accounts that list the ones their pods may use. */
function unmountableSecret({ spec }: Pod, { metadata: { name }, secrets = [], imagePullSecrets = [] }: ServiceAccount): string | undefined {
  const allowed = new Set(secrets.map((secret) => secret.name ?? ''));
  const volume = (spec.volumes ?? []).find(({ secret }) => secret && !allowed.has(secret.secretName ?? ''));
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName ?? ''}" is not allowed because service account ${name} does not reference that secret`;
  const fromEnv = [
    ...(spec.initContainers ?? []).map((container) => unmountableEnv(container, 'init container', allowed, name)),
    ...spec.containers.map((container) => unmountableEnv(container, 'container', allowed, name)),
  ].find((why) => why !== undefined);
  if (fromEnv !== undefined) return fromEnv;
  const pullable = new Set(imagePullSecrets.map((secret) => secret.name));
  const index = (spec.imagePullSecrets ?? []).findIndex((secret) => !pullable.has(secret.name));
  return index < 0 ? undefined : `imagePullSecrets[${index}].name="${spec.imagePullSecrets?.[index]?.name ?? ''}" is not allowed because service account ${name} does not reference that imagePullSecret`;
}

const isTrue = (text: string | undefined): boolean => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text ?? '');

/**
 * Gives every pod a service account: its name, its token as a volume, its pull secrets. A pod of an account that is not
 * there is refused. Upstream twin: the ServiceAccount admission plugin.
 */
export function createServiceAccount(accounts: ServiceAccountLookup, clock: Clock): AdmissionPlugin {
  const accountFor = async (request: AdmissionRequest, name: string): Promise<ServiceAccount> => {
    const { namespace } = request;
    return findAccount(accounts, clock, namespace, name).catch((cause: unknown) => {
      if (!isNotFound(cause)) throw cause;
      throw refusal(request, `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`, { cause });
    });
  };
  return {
    name: 'ServiceAccount',
    async admit(request) {
      const pod = createdPod(request);
      if (!pod) return;
      if (isMirrorPod(pod)) return checkMirrorPod(request, pod);
      const { spec } = pod;
      spec.serviceAccountName ||= spec.serviceAccount || defaultName;
      spec.serviceAccount = spec.serviceAccountName;
      const account = await accountFor(request, spec.serviceAccountName);
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountServiceAccountToken(spec);
      const { imagePullSecrets = [] } = account;
      if ((spec.imagePullSecrets ?? []).length === 0 && imagePullSecrets.length > 0) spec.imagePullSecrets = imagePullSecrets.map(({ name }) => ({ name: name ?? '' }));
    },
    async validate(request) {
      const pod = createdPod(request);
      if (!pod) return;
      if (isMirrorPod(pod)) return checkMirrorPod(request, pod);
      const { serviceAccountName } = pod.spec;
      if (!serviceAccountName) throw refusal(request, `no service account specified for pod ${request.namespace}/${pod.metadata.name}`);
      const account = await accountFor(request, serviceAccountName);
      if (!isTrue(account.metadata.annotations?.[enforceMountableSecrets])) return;
      const why = unmountableSecret(pod, account);
      if (why !== undefined) throw refusal(request, why);
    },
  };
}
