import type { RuntimeService } from '../cri.ts';
import { invalid, required } from './invalid-field.ts';

const WHOLE_ID = /^[0-9a-f]{64}$/;

/** CRI's clients may shorten an id as long as it means one. What means none is passed on as it is: the runtime says so. */
export class KnownIds {
  readonly #runtime: RuntimeService;

  constructor(runtime: RuntimeService) {
    this.#runtime = runtime;
  }

  sandbox(id: string, path = 'pod_sandbox_id'): Promise<string> {
    return whole(id, path, () => this.#runtime.listPodSandboxes());
  }

  container(id: string, path = 'container_id'): Promise<string> {
    return whole(id, path, () => this.#runtime.listContainers());
  }
}

async function whole(id: string, path: string, list: () => Promise<{ id: string }[]>): Promise<string> {
  if (WHOLE_ID.test(required(id, path))) return id;
  const found = (await list()).filter((one) => one.id.startsWith(id));
  if (found.length > 1 && !found.some((one) => one.id === id)) throw invalid(path, `${id} is the beginning of ${found.length} ids`);
  return found.length === 1 ? (found[0]?.id ?? id) : id;
}
