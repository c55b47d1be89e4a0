export { openAuthority } from './authority.ts';
export type { Authority, CertificateRequest } from './authority.ts';
export { controlPlaneCertificates, ensureControlPlaneCertificates, ensureNodeCertificates, nodeCertificates } from './cluster-certificates.ts';
export type { ControlPlaneAddresses, ControlPlaneCertificates, NodeCertificates } from './cluster-certificates.ts';
export type { BareKeyPaths, KeyPairPaths } from './key-pair.ts';
export { writeKubeconfig } from './kubeconfig.ts';
export type { KubeconfigContent } from './kubeconfig.ts';
