import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageRepository, normalizeImageReference } from '@podling/cri';
import type { PullCredential, SecretSource } from './docker-config.ts';

export type VerificationPolicy = 'NeverVerify' | 'NeverVerifyPreloadedImages' | 'NeverVerifyAllowlistedImages' | 'AlwaysVerify';

export interface PulledImagesOptions {
  folder: string;
  policy: VerificationPolicy;
  /** Of `NeverVerifyAllowlistedImages`: repositories, `registry/team/*` for all that begin so. */
  allowlist: readonly string[];
}

interface KnownSecret extends SecretSource {
  credentialHash: string;
}

/** Who has shown that it may have the image, by repository; `everyone` if it took no pod's credentials. */
interface PulledRecord {
  imageRef: string;
  credentialMapping: Record<string, { everyone: boolean; secrets: KnownSecret[] }>;
}

/**
 * Which credentials the images on the node were pulled with, so that a private image that one pod has brought here is not
 * there for all. What the kubelet has not pulled was put here by the node's owner. Upstream twin: kubelet `images/pullmanager`.
 */
export class PulledImages {
  readonly #options: PulledImagesOptions;
  /** How many pulls of a reference are under way. */
  readonly #pulling = new Map<string, number>();
  /** One writer at a time: each reads what the one before has written. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: PulledImagesOptions) {
    this.#options = options;
  }

  /** Before a pull: should this process be killed in it, the image is not taken for the node owner's. */
  async begin(reference: string): Promise<void> {
    this.#pulling.set(reference, (this.#pulling.get(reference) ?? 0) + 1);
    try {
      await this.#alone(() => this.#write('pulling', reference, { image: reference }));
    } catch (error) {
      this.#ended(reference);
      throw error;
    }
  }

  /** After it; without a credential of a pod's everyone may have the image. */
  async succeeded(reference: string, imageId: string, used: PullCredential | undefined): Promise<void> {
    await this.#alone(() => this.#add(repositoryOf(reference), imageId, knownSecret(used)));
    await this.failed(reference);
  }

  async failed(reference: string): Promise<void> {
    this.#ended(reference);
    await this.#alone(async () => {
      // Another pull may have begun while this waited for its turn.
      if (!this.#pulling.has(reference)) await rm(this.#path('pulling', reference), { force: true });
    });
  }

  /** Whether a pod with these credentials may have an image that is there, without a pull. */
  async isAccessible(reference: string, imageId: string, credentials: () => Promise<readonly PullCredential[]>): Promise<boolean> {
    const record = await this.#record(imageId);
    const byKubelet = record !== undefined || (await exists(this.#path('pulling', reference)));
    if (!this.#mustVerify(repositoryOf(reference), byKubelet)) return true;
    const known = record?.credentialMapping[repositoryOf(reference)];
    if (known === undefined || known.everyone) return known?.everyone ?? false;
    const shown = (await credentials()).flatMap((credential) => knownSecret(credential) ?? []);
    return shown.some((own) => known.secrets.some((secret) => isSameSecret(secret, own) || secret.credentialHash === own.credentialHash));
  }

  #ended(reference: string): void {
    const left = (this.#pulling.get(reference) ?? 1) - 1;
    if (left > 0) this.#pulling.set(reference, left);
    else this.#pulling.delete(reference);
  }

  #mustVerify(repository: string, byKubelet: boolean): boolean {
    const { policy, allowlist } = this.#options;
    if (policy === 'NeverVerify') return false;
    if (policy === 'AlwaysVerify' || byKubelet) return true;
    return policy === 'NeverVerifyAllowlistedImages' && !allowlist.some((entry) => isListed(entry, repository));
  }

  async #add(repository: string, imageId: string, secret: KnownSecret | undefined): Promise<void> {
    const record = (await this.#record(imageId)) ?? { imageRef: imageId, credentialMapping: {} };
    const { everyone, secrets } = record.credentialMapping[repository] ?? { everyone: false, secrets: [] };
    const others = secrets.filter((known) => secret === undefined || !isSameSecret(known, secret));
    record.credentialMapping[repository] = { everyone: everyone || secret === undefined, secrets: [...others, ...(secret === undefined ? [] : [secret])] };
    await this.#write('pulled', imageId, record);
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #record(imageId: string): Promise<PulledRecord | undefined> {
    const text = await readFile(this.#path('pulled', imageId), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as PulledRecord;
    } catch {
      // Unreadable is pulled by nobody knows whom: it must be shown again.
      return { imageRef: imageId, credentialMapping: {} };
    }
  }

  async #write(kind: 'pulling' | 'pulled', key: string, value: object): Promise<void> {
    const path = this.#path(kind, key);
    await mkdir(join(this.#options.folder, kind), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  #path(kind: 'pulling' | 'pulled', key: string): string {
    return join(this.#options.folder, kind, `sha256-${createHash('sha256').update(key).digest('hex')}`);
  }
}

/** As the kubelet's configuration says it. */
export function verification(configuration: { imagePullCredentialsVerificationPolicy: VerificationPolicy; preloadedImagesVerificationAllowlist?: string[] }): Omit<PulledImagesOptions, 'folder'> {
  return { policy: configuration.imagePullCredentialsVerificationPolicy, allowlist: configuration.preloadedImagesVerificationAllowlist ?? [] };
}

function knownSecret(credential: PullCredential | undefined): KnownSecret | undefined {
  if (credential?.source === undefined) return undefined;
  const credentialHash = createHash('sha256').update(JSON.stringify(credential.auth)).digest('hex');
  return { ...credential.source, credentialHash };
}

function isSameSecret(one: SecretSource, other: SecretSource): boolean {
  return one.uid === other.uid && one.namespace === other.namespace && one.name === other.name;
}

function repositoryOf(reference: string): string {
  return imageRepository(normalizeImageReference(reference));
}

function isListed(entry: string, repository: string): boolean {
  return entry.endsWith('/*') ? repository.startsWith(entry.slice(0, -1)) : entry === repository;
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(() => true, () => false);
}
