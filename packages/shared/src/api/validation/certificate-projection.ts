import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../names.ts';
import type { VolumeProjection } from '../projected-volume.ts';
import { check, checkMember, invalid, required, tooLong } from './field-errors.ts';
import { validateLabelSelector } from './label-selector.ts';
import { checkFileName } from './paths.ts';
import type { TakenPaths } from './taken-paths.ts';

type ClusterTrustBundle = NonNullable<VolumeProjection['clusterTrustBundle']>;
type PodCertificate = NonNullable<VolumeProjection['podCertificate']>;

const MAX_SUBDOMAIN = 253;
const MIN_EXPIRATION_SECONDS = 3600;
const MAX_EXPIRATION_SECONDS = 91 * 24 * 3600;
const MAX_KUBERNETES_EXPIRATION_SECONDS = 24 * 3600;

export function validateClusterTrustBundle(bundle: ClusterTrustBundle, taken: TakenPaths, path: string): FieldError[] {
  const file = bundle.path;
  return [
    ...validateBundleSource(bundle, path),
    ...(file === '' ? [required(`${path}.path`)] : checkFileName(`${path}.path`, file)),
    ...taken.take(file),
  ];
}

function validateBundleSource(bundle: ClusterTrustBundle, path: string): FieldError[] {
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined) {
    const shown = { Name: name, SignerName: signerName, LabelSelector: labelSelector ?? null, Optional: bundle.optional ?? null, Path: bundle.path };
    return [invalid(path, shown, 'only one of name and signerName may be used')];
  }
  if (name !== undefined) return validateBundleName(bundle, path);
  if (signerName === undefined) return [required(path, 'either name or signerName must be specified')];
  return [
    ...(signerName === '' ? [required(`${path}.signerName`, 'must be a valid signer name')] : []),
    ...validateSignerName(signerName, `${path}.signerName`),
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
  ];
}

function validateBundleName({ name = '', labelSelector }: ClusterTrustBundle, path: string): FieldError[] {
  const plain = name.slice(name.lastIndexOf(':') + 1);
  return [
    ...(name === '' ? [required(`${path}.name`, 'must be a valid object name')] : []),
    ...isDNS1123Subdomain(plain).map((reason) => invalid(`${path}.name`, name, `not a valid clustertrustbundlename: ${reason}`)),
    ...(labelSelector ? [invalid(`${path}.labelSelector`, labelSelector, 'labelSelector must be unset if name is specified')] : []),
  ];
}

/** `example.com/signer-name`. */
export function validateSignerName(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', local = '', ...rest] = name.split('/');
  if (rest.length > 0 || !name.includes('/')) {
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  const labels = domain.split('.');
  const firstBad = (parts: string[], rule: (part: string) => string[], shown: string) => {
    const bad = parts.find((part) => rule(part).length > 0);
    return bad === undefined ? [] : rule(bad).map((reason) => invalid(path, shown, `validating label ${JSON.stringify(bad)}: ${reason}`));
  };
  return [
    ...(domain.length > MAX_SUBDOMAIN ? [tooLong(path, MAX_SUBDOMAIN)] : []),
    ...firstBad(labels, isDNS1123Label, domain),
    ...(labels.length < 2 ? [invalid(path, domain, 'should be a domain with at least two segments separated by dots')] : []),
    ...firstBad(local.split('.'), isDNS1123Subdomain, local),
  ];
}

const keyTypes = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];
const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const;

export function validatePodCertificate(certificate: PodCertificate, taken: TakenPaths, path: string): FieldError[] {
  const given = files.flatMap((name) => (certificate[name] ? [{ name, file: certificate[name] }] : []));
  return [
    ...validateSignerName(certificate.signerName, `${path}.signerName`),
    ...Object.keys(certificate.userAnnotations ?? {}).flatMap((key) => check(`${path}.userAnnotations`, key, checkAnnotationKey)),
    ...checkMember(`${path}.keyType`, certificate.keyType, keyTypes),
    ...validateExpiration(certificate, `${path}.maxExpirationSeconds`),
    ...given.flatMap(({ name, file }) => [...checkFileName(`${path}.${name}`, file), ...taken.take(file)]),
    ...(given.length === 0 ? [required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath')] : []),
  ];
}

const checkAnnotationKey = (key: string) => (key.includes('/') ? [] : ['must be a domain-prefixed key (such as "acme.io/foo")']);

function validateExpiration({ signerName, maxExpirationSeconds: seconds }: PodCertificate, path: string): FieldError[] {
  if (seconds === undefined) return [];
  const isOwn = /(?:^|\.)kubernetes\.io$/.test(signerName.split('/')[0] ?? '');
  const limit = isOwn ? MAX_KUBERNETES_EXPIRATION_SECONDS : MAX_EXPIRATION_SECONDS;
  return [
    ...(seconds < MIN_EXPIRATION_SECONDS ? [invalid(path, seconds, `if provided, maxExpirationSeconds must be >= ${MIN_EXPIRATION_SECONDS}`)] : []),
    ...(seconds > limit ? [invalid(path, seconds, `if provided, maxExpirationSeconds must be <= ${limit}`)] : []),
  ];
}
