const records = new WeakMap<object, Map<unknown, unknown>>();
const recordOf = (target: object): Map<unknown, unknown> => records.get(target) ?? new Map<unknown, unknown>();
const readRecord = (key: unknown, target: object): unknown => recordOf(target).get(key);

// What the container inside @peculiar/x509 asks of `Reflect` while it is loaded; hence the late import.
if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, {
    getMetadata: readRecord,
    getOwnMetadata: readRecord,
    defineMetadata: (key: unknown, value: unknown, target: object) => void records.set(target, recordOf(target).set(key, value)),
  });
}

const {
  BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator,
} = await import('@peculiar/x509');

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;

export interface PemPair {
  cert: string;
  key: string;
}

/** Issues short-lived certificates for a test. */
export interface TestAuthority {
  cert: string;
  issue(commonName: string, organization?: string, uid?: string): Promise<PemPair>;
}

const validity = (): { notBefore: Date; notAfter: Date } => ({ notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) });
const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

async function keyPem(key: Parameters<typeof crypto.subtle.exportKey>[1]): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export async function createTestAuthority(name: string): Promise<TestAuthority> {
  const keys = await newKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity(), name: [{ CN: [name] }], keys, signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return {
    cert: root.toString('pem'),
    async issue(commonName, organization, uid) {
      const leaf = await newKeys();
      const certificate = await X509CertificateGenerator.create({
        ...validity(), subject: [{ CN: [commonName] }, ...(organization ? [{ O: [organization] }] : []), ...(uid ? [{ '1.3.6.1.4.1.57683.2': [uid] }] : [])], issuer: root.subjectName,
        publicKey: leaf.publicKey, signingKey: keys.privateKey, signingAlgorithm: algorithm,
        extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
      });
      return { cert: certificate.toString('pem'), key: await keyPem(leaf.privateKey) };
    },
  };
}
