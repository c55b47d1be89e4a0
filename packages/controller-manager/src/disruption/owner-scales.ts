import { isNotFound } from '@podling/shared/api';
import type { OwnerReference } from '@podling/shared/api';
import { resourcePath } from '@podling/shared/client';
import type { Client } from '@podling/shared/client';
import { TerminalError } from '@podling/shared/controller';

/** How many pods an owner wants. */
export interface OwnerScales {
  /** Undefined where the owner is gone. Throws a `TerminalError` for a kind that does not say how many it wants. */
  scaleOf(owner: OwnerReference, namespace: string): Promise<number | undefined>;
}

interface Scale {
  metadata: { uid?: string };
  spec?: { replicas?: number };
}

interface ServedResource {
  name: string;
  kind: string;
}

function groupOf(apiVersion: string): { group: string; version: string } {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return { group, version };
}

/** Asks the subresource `scale`, whatever kind the owner is of: a kind that is served later needs nothing here. */
export function ownerScales(client: Pick<Client, 'rest'>): OwnerScales {
  const servedIn = async (apiVersion: string): Promise<readonly ServedResource[]> => {
    const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    try {
      return (await client.rest.request<{ resources: ServedResource[] }>({ path })).resources;
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  };
  return {
    async scaleOf({ apiVersion, kind, name, uid }, namespace) {
      const served = await servedIn(apiVersion);
      const found = served.find((resource) => resource.kind === kind && !resource.name.includes('/'));
      if (!found) throw new TerminalError(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
      const { group, version } = groupOf(apiVersion);
      const resource = found.name;
      if (!served.some((part) => part.name === `${resource}/scale`)) {
        throw new TerminalError(`${group === '' ? resource : `${resource}.${group}`} does not implement the scale subresource`);
      }
      const path = `${resourcePath({ group, version, resource, namespace })}/${encodeURIComponent(name)}/scale`;
      const scale = await client.rest.request<Scale>({ path }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
        return undefined;
      });
      return scale?.metadata.uid === uid ? scale.spec?.replicas ?? 0 : undefined;
    },
  };
}
