import { randomBytes } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { settleAll } from '@podling/shared/util';
import type { Clock } from '@podling/shared/util';
import { CriError } from '../cri.ts';
import type { ContainerConfig, PodSandboxConfig } from '../cri.ts';
import { ignoreNotFound } from '../not-found.ts';
import { cgroupFeatures } from './cgroup.ts';
import type { ContainerRecord } from './container-record.ts';
import { processSecurity } from './container-security.ts';
import type { ContainerdClient } from './containerd-client.ts';
import { jsonAny } from './containerd-types.ts';
import type { SnapshotMount } from './containerd-types.ts';
import type { Fifos } from './fifos.ts';
import type { ImageStore, ResolvedImage } from './image-store.ts';
import type { ImageFiles } from './image-files.ts';
import { processUser } from './image-user.ts';
import { labelKeys, storableLabels } from './labels.ts';
import { prepareMounts } from './mount-propagation.ts';
import { ociSpec, processArgs } from './oci-spec.ts';
import type { OciSpec, SandboxGround } from './oci-spec.ts';
import { ownOomScoreAdj } from './process-table.ts';
import type { RecordStore } from './record-store.ts';
import type { SeccompProfiles } from './seccomp.ts';
import { SNAPSHOTTER } from './snapshotter.ts';
import { stopSignalNumber } from './stop-signal.ts';
import type { Tasks } from './tasks.ts';

const RUNTIME = 'io.containerd.runc.v2';
/** Keeps a snapshot from containerd's garbage collector. */
const gcRootLabel = 'containerd.io/gc.root';

export interface ContainerCreationOptions {
  client: ContainerdClient;
  images: ImageStore;
  imageFiles: ImageFiles;
  tasks: Tasks;
  seccompProfiles: SeccompProfiles;
  records: RecordStore<ContainerRecord>;
  fifos: Fifos;
  clock: Clock;
}

/** The steps that make a container without starting it; either all are done or none remains. */
export class ContainerCreation {
  readonly #options: ContainerCreationOptions;
  readonly #making = new Set<string>();
  /** The root file systems of containers that this process has made and nobody has started yet. */
  readonly #fresh = new Map<string, SnapshotMount[]>();

  constructor(options: ContainerCreationOptions) {
    this.#options = options;
  }

  async create(ground: SandboxGround, config: ContainerConfig, sandboxConfig: PodSandboxConfig): Promise<string> {
    const { images, records, fifos } = this.#options;
    const id = randomBytes(32).toString('hex');
    const image = await images.resolve(config.image);
    checkProcess(config, image);
    prepareMounts(config.mounts);
    const record = this.#record(id, ground, config, sandboxConfig, image);
    this.#making.add(id);
    try {
      records.write(id, record);
      const [mounts] = await settleAll([this.#createInContainerd(record, ground, config, image), fifos.make(records.folder(id), config.tty, config.stdin)]);
      this.#fresh.set(id, mounts);
      return id;
    } catch (error) {
      // What cannot be undone now stays listed, or is the recovery's.
      await this.undo(id).catch(() => undefined);
      throw error;
    } finally {
      this.#making.delete(id);
    }
  }

  isMaking(id: string): boolean {
    return this.#making.has(id);
  }

  /** The root file system of a container that cannot have a task yet. Told once. */
  takeFresh(id: string): SnapshotMount[] | undefined {
    const mounts = this.#fresh.get(id);
    this.#fresh.delete(id);
    return mounts;
  }

  /** What a container's root file system is made of. */
  async mounts(id: string): Promise<SnapshotMount[]> {
    const { mounts } = await this.#options.client.call<{ mounts: SnapshotMount[] }>('snapshots', 'mounts', { snapshotter: SNAPSHOTTER, key: id });
    return mounts;
  }

  /** Removes whatever `create` made, in any state but running. */
  async undo(id: string): Promise<void> {
    const { client, records } = this.#options;
    this.#fresh.delete(id);
    await ignoreNotFound(client.call('snapshots', 'remove', { snapshotter: SNAPSHOTTER, key: id }));
    await ignoreNotFound(client.call('containers', 'delete', { id }));
    records.remove(id);
  }

  /** Both at once. What is undone or recovered goes by the record: no garbage collector need know of the snapshot before the container does. */
  async #createInContainerd(record: ContainerRecord, ground: SandboxGround, config: ContainerConfig, image: ResolvedImage): Promise<SnapshotMount[]> {
    const { client, clock } = this.#options;
    const { id } = record;
    const request = { snapshotter: SNAPSHOTTER, key: id, parent: image.chainId, labels: { [gcRootLabel]: new Date(clock.now()).toISOString() } };
    const preparing = client.call<{ mounts: SnapshotMount[] }>('snapshots', 'prepare', request);
    const creating = this.#spec(record, ground, config, image, async () => (await preparing).mounts).then((spec) =>
      client.call('containers', 'create', { container: containerMessage(record, image, spec) }));
    const [{ mounts }] = await settleAll([preparing, creating]);
    return mounts;
  }

  async #spec(record: ContainerRecord, ground: SandboxGround, config: ContainerConfig, image: ResolvedImage, mounts: () => Promise<SnapshotMount[]>): Promise<OciSpec> {
    const { imageFiles, records } = this.#options;
    const [accounts, security] = await Promise.all([
      imageFiles.accounts(image.chainId, mounts),
      processSecurity(config.securityContext, ground, this.#options),
    ]);
    const user = processUser(image.process.user, config.securityContext, accounts);
    records.write(record.id, { ...record, user: { uid: user.uid, gid: user.gid, supplementalGroups: user.additionalGids } });
    return ociSpec({
      config,
      image: image.process,
      sandbox: ground,
      cgroupsPath: record.cgroupsPath,
      minOomScoreAdj: ownOomScoreAdj(),
      user,
      security,
      cgroup: cgroupFeatures(),
    });
  }

  #record(id: string, ground: SandboxGround, config: ContainerConfig, sandbox: PodSandboxConfig, image: ResolvedImage): ContainerRecord {
    const { metadata, labels, annotations, tty, stdin, stdinOnce = false, mounts } = config;
    return {
      id,
      podSandboxId: ground.id,
      config: { metadata, image: config.image, labels, annotations, tty, stdin, stdinOnce, mounts },
      imageId: image.id,
      resources: config.linux,
      logPath: sandbox.logDirectory === '' || config.logPath === '' ? '' : join(sandbox.logDirectory, config.logPath),
      cgroupsPath: join('/', sandbox.cgroupParent, id),
      stopSignal: stopSignalNumber(config.stopSignal ?? image.process.stopSignal),
      createdAtMs: this.#options.clock.now(),
      startedAtMs: 0,
    };
  }
}

function checkProcess(config: ContainerConfig, { process }: ResolvedImage): void {
  if (processArgs(config, process).length === 0) throw new CriError('InvalidArgument', 'no command specified');
  const folder = config.workingDir || process.workingDir;
  if (folder !== '' && !isAbsolute(folder)) throw new CriError('InvalidArgument', `the working directory is not an absolute path: ${folder.slice(0, 256)}`);
}

function containerMessage(record: ContainerRecord, image: ResolvedImage, spec: OciSpec): object {
  const labels = {
    ...record.config.labels,
    [labelKeys.kind]: 'container',
    [labelKeys.sandboxId]: record.podSandboxId,
    [labelKeys.containerName]: record.config.metadata.name,
    [labelKeys.attempt]: String(record.config.metadata.attempt),
  };
  return {
    id: record.id,
    labels: storableLabels(labels),
    image: image.name,
    runtime: { name: RUNTIME },
    spec: jsonAny('Spec', spec),
    snapshotter: SNAPSHOTTER,
    snapshotKey: record.id,
  };
}
