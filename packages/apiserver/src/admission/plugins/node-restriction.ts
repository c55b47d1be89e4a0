import { isDeepStrictEqual } from 'node:util';
import { isMirrorPod, mirrorPodAnnotation } from '@podling/shared/api';
import type { KubeObject, Node, Pod, TokenRequest } from '@podling/shared/api';
import { apiReferenceOf } from '@podling/shared/scheme';
import { nodeNameOf } from '../../authorization/node-identity.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import { refusal } from '../refusal.ts';
import { forbiddenLabels } from './node-labels.ts';

/** Both reject with 404. */
export interface NodeRestrictionLookups {
  pod(namespace: string, name: string): Promise<Pod>;
  node(name: string): Promise<Node>;
}

/** Looks at a node's write of one resource. Throws to refuse. */
type Check = (nodeName: string, request: AdmissionRequest, lookups: NodeRestrictionLookups) => void | Promise<void>;

const shown = (text: string): string => JSON.stringify(text);
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a ?? [], b ?? []);

async function checkMirrorOwner(nodeName: string, request: AdmissionRequest, lookups: NodeRestrictionLookups): Promise<void> {
  const { ownerReferences = [] } = (request.object as KubeObject).metadata;
  const [owner, ...others] = ownerReferences;
  const only = (what: string): Error => refusal(request, `node ${shown(nodeName)} can only create pods with ${what}`);
  if (others.length > 0) throw only('a single owner reference set to itself');
  if (!owner || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) throw only('an owner reference set to itself');
  if (!owner.controller) throw only('a controller owner reference set to itself');
  if (owner.blockOwnerDeletion) throw refusal(request, `node ${shown(nodeName)} must not set blockOwnerDeletion on an owner reference`);
  const { metadata: { uid = '' } } = await lookups.node(nodeName);
  if (owner.uid !== uid) throw refusal(request, `node ${nodeName} UID mismatch: expected ${owner.uid} got ${uid}`);
}

async function checkPodCreate(nodeName: string, request: AdmissionRequest, lookups: NodeRestrictionLookups): Promise<void> {
  const pod = request.object as Pod;
  if (!isMirrorPod(pod)) throw refusal(request, `pod does not have ${shown(mirrorPodAnnotation)} annotation, node ${shown(nodeName)} can only create mirror pods`);
  if (pod.spec.nodeName !== nodeName) throw refusal(request, `node ${shown(nodeName)} can only create pods with spec.nodeName set to itself`);
  await checkMirrorOwner(nodeName, request, lookups);
  const reference = apiReferenceOf(pod.spec);
  if (reference !== undefined) throw refusal(request, `node ${shown(nodeName)} can not create pods that reference ${reference}`);
}

function checkPodStatus(nodeName: string, request: AdmissionRequest): void {
  const { operation, object, oldObject } = request;
  if (operation !== 'UPDATE') throw refusal(request, `unexpected operation ${shown(operation)}`);
  const [pod, old] = [object as Pod, oldObject as Pod];
  if (old.spec.nodeName !== nodeName) throw refusal(request, `node ${shown(nodeName)} can only update pod status for pods with spec.nodeName set to itself`);
  if (!isDeepStrictEqual({ ...old.metadata.labels }, { ...pod.metadata.labels })) throw refusal(request, `node ${shown(nodeName)} cannot update labels through pod status`);
}

async function requireOwnPod(nodeName: string, request: AdmissionRequest, { pod }: NodeRestrictionLookups, verb: string): Promise<void> {
  const { spec } = await pod(request.namespace, request.name);
  if (spec.nodeName !== nodeName) throw refusal(request, `node ${shown(nodeName)} can only ${verb} pods with spec.nodeName set to itself`);
}

const checkPod: Check = async (nodeName, request, lookups) => {
  const { subresource, operation } = request;
  if (subresource === 'status') return checkPodStatus(nodeName, request);
  if (subresource === 'eviction') return requireOwnPod(nodeName, request, lookups, 'evict');
  if (subresource !== '') throw refusal(request, `unexpected pod subresource ${shown(subresource)}, only 'status' and 'eviction' are allowed`);
  if (operation === 'CREATE') return checkPodCreate(nodeName, request, lookups);
  if (operation === 'DELETE') return requireOwnPod(nodeName, request, lookups, 'delete');
  throw refusal(request, `unexpected operation ${shown(operation)}, node ${shown(nodeName)} can only create and delete mirror pods`);
};

const checkNode: Check = (nodeName, request) => {
  const { operation, object, oldObject } = request;
  const [node, old] = [object as Node | undefined, oldObject as Node | undefined];
  const name = request.name || node?.metadata.name || '';
  if (name !== nodeName) throw refusal(request, `node ${shown(nodeName)} is not allowed to modify node ${shown(name)}`);
  if (operation === 'DELETE' || !node) return;
  const { configSource, taints } = node.spec ?? {};
  const labels = forbiddenLabels(node.metadata.labels, old?.metadata.labels).join(', ');
  if (operation === 'CREATE') {
    if (configSource) throw refusal(request, `node ${shown(nodeName)} is not allowed to create pods with a non-nil configSource`);
    if (labels !== '') throw refusal(request, `node ${shown(nodeName)} is not allowed to set the following labels: ${labels}`);
    return;
  }
  if (configSource && !isDeepStrictEqual(configSource, old?.spec?.configSource)) throw refusal(request, `node ${shown(nodeName)} is not allowed to update configSource to a new non-nil configSource`);
  if (!same(taints, old?.spec?.taints)) throw refusal(request, `node ${shown(nodeName)} is not allowed to modify taints`);
  if (!same(node.metadata.ownerReferences, old?.metadata.ownerReferences)) throw refusal(request, `node ${shown(nodeName)} is not allowed to modify ownerReferences`);
  if (labels !== '') throw refusal(request, `is not allowed to modify labels: ${labels}`);
};

function checkAudiences(nodeName: string, request: AdmissionRequest, pod: Pod): void {
  const { audiences } = (request.object as unknown as TokenRequest).spec;
  if (audiences.length > 1) throw refusal(request, 'node may only request 0 or 1 audiences');
  const [audience = ''] = audiences;
  const mounted = (pod.spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
    .some(({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience);
  if (!mounted) throw refusal(request, `audience ${shown(audience)} not found in pod spec volume, system:node:${nodeName} is not authorized to request tokens for this audience`);
}

/** Tokens for pods on the node, and for the audiences that these mount. */
const checkToken: Check = async (nodeName, request, lookups) => {
  if (request.operation !== 'CREATE' || request.subresource !== 'token') return;
  const { kind, apiVersion, name, uid } = (request.object as unknown as TokenRequest).spec.boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || !name) throw refusal(request, 'node requested token not bound to a pod');
  if (!uid) throw refusal(request, 'node requested token with a pod binding without a uid');
  const pod = await lookups.pod(request.namespace, name);
  if (pod.metadata.uid !== uid) {
    throw refusal(request, `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  }
  if (pod.spec.nodeName !== nodeName) throw refusal(request, 'node requested token bound to a pod scheduled on a different node');
  checkAudiences(nodeName, request, pod);
};

const leaseNamespace = 'kube-node-lease';

const checkLease: Check = (nodeName, request) => {
  const { namespace, operation, name, object } = request;
  if (namespace !== leaseNamespace) throw refusal(request, `can only access leases in the ${shown(leaseNamespace)} system namespace`);
  const leaseName = operation === 'CREATE' ? (object?.metadata.name ?? '') : name;
  if (leaseName !== nodeName) throw refusal(request, 'can only access node lease with the same name as the requesting node');
};

const checks = new Map<string, Check>([
  ['/pods', checkPod], ['/nodes', checkNode], ['/serviceaccounts', checkToken], ['coordination.k8s.io/leases', checkLease],
]);

/** Keeps a kubelet to its own Node, its own lease and the pods that are bound to it. Upstream twin: the NodeRestriction plugin. */
export function createNodeRestriction(lookups: NodeRestrictionLookups): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    async admit(request) {
      const nodeName = nodeNameOf(request.user);
      if (nodeName === undefined) return;
      if (nodeName === '') throw refusal(request, `could not determine node from user ${shown(request.user.name)}`);
      await checks.get(`${request.resource.group}/${request.resource.resource}`)?.(nodeName, request, lookups);
    },
  };
}
