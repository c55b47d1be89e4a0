import { CriError } from '../cri.ts';
import type { RuntimeConfig, RuntimeStatus, RuntimeVersion } from '../cri.ts';
import type { StatusResponse } from '../v1/index.ts';
import { nonsense } from './call-errors.ts';
import type { CriClient } from './cri-client.ts';
import { runtimeFeatures } from './runtime-features.ts';
import type { RuntimeFeatures } from './runtime-features.ts';
import { readCgroupDriver } from './verbose-info.ts';

type CgroupDriver = RuntimeConfig['cgroupDriver'];
type Condition = RuntimeStatus['conditions'][number];

/** The version of the kubelet's side of CRI, which `Version` has asked for since before there was a v1. */
const KUBELET_API_VERSION = '0.1.0';
const STATUS_DEADLINE_MS = 10_000;

/** What a runtime says of itself. */
export class RemoteStatus {
  readonly #client: CriClient;
  readonly #fallbackDriver: CgroupDriver;
  #features: RuntimeFeatures | undefined;
  #driver: CgroupDriver | undefined;

  constructor(client: CriClient, fallbackDriver: CgroupDriver) {
    this.#client = client;
    this.#fallbackDriver = fallbackDriver;
  }

  async version(): Promise<RuntimeVersion> {
    const { runtimeName, runtimeVersion, runtimeApiVersion } = await this.#client.runtime('Version', { version: KUBELET_API_VERSION });
    if (runtimeName === '' || runtimeVersion === '') throw nonsense('Version', 'it has no name or no version');
    return { runtimeName, runtimeVersion, runtimeApiVersion };
  }

  async status(): Promise<RuntimeStatus> {
    try {
      const answer = await this.#ask();
      const { handlers, supplementalGroupsPolicy } = runtimeFeatures(answer);
      return { conditions: [condition(answer, 'RuntimeReady'), condition(answer, 'NetworkReady')], runtimeHandlers: handlers, features: { supplementalGroupsPolicy } };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const down = (type: Condition['type']): Condition => ({ type, status: false, reason: 'RuntimeUnavailable', message });
      return { conditions: [down('RuntimeReady'), down('NetworkReady')], runtimeHandlers: this.#features?.handlers ?? [] };
    }
  }

  /** As of the last status that was asked for. */
  async features(): Promise<RuntimeFeatures> {
    return this.#features ?? runtimeFeatures(await this.#ask());
  }

  /** containerd 1.7 has no RuntimeConfig, but says what it was configured with. */
  async cgroupDriver(): Promise<CgroupDriver> {
    this.#driver ??= await this.#askDriver();
    return this.#driver;
  }

  async #askDriver(): Promise<CgroupDriver> {
    try {
      const { linux } = await this.#client.runtime('RuntimeConfig', {}, { deadlineMs: STATUS_DEADLINE_MS });
      if (linux !== null) return linux.cgroupDriver === 'SYSTEMD' ? 'systemd' : 'cgroupfs';
    } catch (error) {
      if (!(error instanceof CriError && error.code === 'Unimplemented')) throw error;
    }
    const { info } = await this.#client.runtime('Status', { verbose: true }, { deadlineMs: STATUS_DEADLINE_MS });
    return readCgroupDriver(info) ?? this.#fallbackDriver;
  }

  async #ask(): Promise<StatusResponse> {
    const answer = await this.#client.runtime('Status', { verbose: false }, { deadlineMs: STATUS_DEADLINE_MS });
    this.#features = runtimeFeatures(answer);
    return answer;
  }
}

function condition({ status }: StatusResponse, type: Condition['type']): Condition {
  const found = status?.conditions.find((one) => one.type === type);
  if (found === undefined) return { type, status: false, reason: 'Unknown', message: `the container runtime says nothing of ${type}` };
  return { type, status: found.status, reason: found.reason, message: found.message };
}
