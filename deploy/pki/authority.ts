import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from './x509.ts';
import type { Extension, JsonGeneralName, X509Certificate } from './x509.ts';
import { pairPaths, readKeyPair, writeKeyPair } from './key-pair.ts';
import type { KeyPair, KeyPairPaths } from './key-pair.ts';

const dayMs = 24 * 3600 * 1000;
const renewBeforeMs = 30 * dayMs;
const skewMs = 5 * 60 * 1000;
const authorityLifeMs = 3650 * dayMs;
const certificateLifeMs = 365 * dayMs;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const purposes = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;

/** What a certificate says: `organization` are its groups, `ips` and `dnsNames` its subject alternative names. */
export interface CertificateRequest {
  commonName: string;
  organization?: string;
  usages: (keyof typeof purposes)[];
  ips?: string[];
  dnsNames?: string[];
}

/** Issues certificates. */
export interface Authority {
  /** The authority's own certificate, PEM. */
  readonly certFile: string;
  /**
   * Makes a certificate and its key (0600). A pair that is signed by this authority, says the same and is valid for
   * 30 more days is kept.
   */
  ensure(paths: KeyPairPaths, request: CertificateRequest): Promise<void>;
}

/** Opens the authority `NAME.crt`/`NAME.key` in `folder`, making it (ECDSA P-256, ten years) when it is missing. */
export async function openAuthority(folder: string, name: string, commonName: string): Promise<Authority> {
  const paths = pairPaths(folder, name);
  const existing = await readKeyPair(paths);
  const pair = existing ?? (await createRoot(commonName));
  if (!existing) await writeKeyPair(paths, pair);
  return {
    certFile: paths.cert,
    ensure: async (leaf, request) => {
      const current = await readKeyPair(leaf);
      if (current && (await isUsable(current.certificate, pair.certificate, request))) return;
      await writeKeyPair(leaf, await issue(pair, request));
    },
  };
}

async function createRoot(commonName: string): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(authorityLifeMs),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey };
}

async function issue(authority: KeyPair, request: CertificateRequest): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    ...validity(certificateLifeMs),
    subject: subjectOf(request),
    issuer: authority.certificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    extensions: [...extensionsOf(request), await AuthorityKeyIdentifierExtension.create(authority.certificate)],
  });
  return { certificate, privateKey: keys.privateKey };
}

function extensionsOf(request: CertificateRequest): Extension[] {
  const names = generalNames(request);
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(request.usages.map((usage) => purposes[usage])),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ];
}

async function isUsable(certificate: X509Certificate, issuer: X509Certificate, request: CertificateRequest): Promise<boolean> {
  const usages = certificate.getExtension(ExtendedKeyUsageExtension)?.usages ?? [];
  return (
    certificate.notAfter.getTime() > Date.now() + renewBeforeMs &&
    describe(certificate.subjectName.toJSON()) === describe(subjectOf(request)) &&
    sanOf(certificate) === describe(generalNames(request)) &&
    describe(usages) === describe(request.usages.map((usage) => purposes[usage])) &&
    (await certificate.verify({ publicKey: await issuer.publicKey.export(), signatureOnly: true }))
  );
}

function sanOf(certificate: X509Certificate): string {
  return describe(certificate.getExtension(SubjectAlternativeNameExtension)?.names.items.map(({ type, value }) => ({ type, value })) ?? []);
}

function describe(value: unknown): string {
  return JSON.stringify(value);
}

function subjectOf({ organization, commonName }: CertificateRequest): Record<string, string[]>[] {
  return [...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }];
}

function generalNames({ ips = [], dnsNames = [] }: CertificateRequest): JsonGeneralName[] {
  return [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...ips.map((value) => ({ type: 'ip' as const, value })),
  ];
}

function validity(lifeMs: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - skewMs), notAfter: new Date(now + lifeMs) };
}
