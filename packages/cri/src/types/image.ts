export interface PullOptions {
  signal?: AbortSignal;
  auth?: AuthConfig;
}

/** For one registry. `identityToken` and `registryToken` as in a docker config file. */
export interface AuthConfig {
  username?: string;
  password?: string;
  serverAddress?: string;
  identityToken?: string;
  registryToken?: string;
}

export interface Image {
  /** The config digest, `sha256:…`. */
  id: string;
  repoTags: string[];
  repoDigests: string[];
  sizeBytes: number;
  /** The image's USER without a group: a number, or a name that only a container can resolve. Neither: root. */
  user: { uid: number } | { username: string } | undefined;
  /** Never to be removed to make room: the runtime itself needs it. */
  pinned: boolean;
}
