import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { imageRepository, normalizeImageReference } from '@podling/cri';
import type { Pod, Secret } from '@podling/shared/api';
import { dockerConfigCredentials, secretCredentials, type PullCredential, type RegistryCredentials } from './docker-config.ts';
import { Keyring } from './keyring.ts';

export interface PullCredentialsOptions {
  secret: (pod: Pod, name: string) => Promise<Secret>;
  /** The node's own `config.json`, for every pod; the first that can be read counts. */
  nodeConfigFiles: readonly string[];
  onMissing: (pod: Pod, message: string) => void;
}

/** Which credentials a pod's images may be pulled with. Upstream twin: kubelet `getPullSecretsForPod` and its keyrings. */
export class PullCredentials {
  readonly #options: PullCredentialsOptions;

  constructor(options: PullCredentialsOptions) {
    this.#options = options;
  }

  /** To be tried in this order: those of the pod's secrets, then the node's. None: without. */
  async of(pod: Pod, reference: string): Promise<PullCredential[]> {
    const repository = imageRepository(normalizeImageReference(reference));
    const [secrets, node] = await Promise.all([this.#ofSecrets(pod), this.#ofNode()]);
    return [new Keyring(secrets), new Keyring(node)].flatMap((keyring) => keyring.lookup(repository));
  }

  /** What cannot be had is told, and left out. */
  async #ofSecrets(pod: Pod): Promise<RegistryCredentials[]> {
    const names = (pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => name).filter((name) => name !== '');
    const read = (name: string): Promise<RegistryCredentials[] | undefined> => this.#options.secret(pod, name).then(secretCredentials).catch(() => undefined);
    const credentials = await Promise.all(names.map(read));
    const missing = names.filter((_, index) => credentials[index] === undefined);
    if (missing.length > 0) this.#options.onMissing(pod, `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`);
    return credentials.flatMap((found) => found ?? []);
  }

  async #ofNode(): Promise<RegistryCredentials[]> {
    for (const file of this.#options.nodeConfigFiles) {
      try {
        return dockerConfigCredentials(await readFile(file, 'utf8'));
      } catch {
        continue;
      }
    }
    return [];
  }
}

/** Where a node's own docker config is looked for. */
export function nodeDockerConfigs(rootDir: string): string[] {
  return [rootDir, join(homedir(), '.docker'), '/.docker'].map((folder) => join(folder, 'config.json'));
}
