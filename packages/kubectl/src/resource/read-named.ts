import { isNotFound } from '@podling/shared/errors';
import type { RequestOptions, RestClient } from '@podling/shared/client';

/** GETs one object. As upstream, what is missing is the namespace when that is not there either. */
export async function readNamed<T>(rest: RestClient, request: RequestOptions, namespace: string | undefined): Promise<T> {
  try {
    return await rest.request<T>(request);
  } catch (error) {
    if (isNotFound(error) && namespace !== undefined && namespace !== 'default') await refuseMissing(rest, namespace);
    throw error;
  }
}

/** Who may not look at namespaces learns nothing of them. */
async function refuseMissing(rest: RestClient, namespace: string): Promise<void> {
  await rest.request({ path: `/api/v1/namespaces/${encodeURIComponent(namespace)}` }).catch((error: unknown) => {
    if (isNotFound(error)) throw error;
  });
}
