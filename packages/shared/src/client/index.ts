export type {
  Client, ClientConfig, ConnectOptions, DeleteOptions, ImpersonatedUser, ListOptions, MessageSocket, PatchType, RequestOptions, ResourceClient, RestClient, WatchEvent, WatchOptions, WatchStream,
} from './client.ts';
export { KubeconfigError, loadKubeconfig } from './config.ts';
export { parsePlainYaml } from './plain-yaml.ts';
export type { LoadKubeconfigOptions } from './config.ts';
export { ConnectionError } from './connection-error.ts';
export { StreamError } from './stream-error.ts';
export { createRestClient } from './rest-client.ts';
export { clientOver, createClient, createResourceClient, resourcePath } from './typed-client.ts';
export type { ResourcePath } from './typed-client.ts';
