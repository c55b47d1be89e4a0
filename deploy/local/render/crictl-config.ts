import { stringify } from 'yaml';

/** What crictl is told of a node's runtime by file, in the names of its global flags. */
export function crictlConfig(runtimeEndpoint: string, flags: Record<string, string | string[]> = {}): string {
  return stringify({ 'runtime-endpoint': runtimeEndpoint, ...flags });
}
