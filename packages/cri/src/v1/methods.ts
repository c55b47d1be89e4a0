import type {
  Container,
  ContainerFilter,
  ContainerId,
  ContainerStatusResponse,
  CreateContainerRequest,
  PodSandboxStatusResponse,
  UpdateContainerResourcesRequest,
} from './containers.ts';
import type { Image, ImageFsInfoResponse, PullImageRequest } from './images.ts';
import type { PodSandbox, PodSandboxFilter, PodSandboxId, RunPodSandboxRequest, UpdatePodSandboxResourcesRequest } from './sandboxes.ts';
import type { ContainerStats, ContainerStatsFilter, PodSandboxStats, PodSandboxStatsFilter } from './stats.ts';
import type { ImageSpec, Int64 } from './values.ts';

/** Nothing. */
export type Empty = Record<never, never>;

interface Method<Request, Response> {
  request: Request;
  response: Response;
}

interface Verbose {
  verbose: boolean;
}

export interface VersionResponse {
  version: string;
  runtimeName: string;
  runtimeVersion: string;
  runtimeApiVersion: string;
}

export interface RuntimeHandler {
  name: string;
  features: { recursiveReadOnlyMounts: boolean; userNamespaces: boolean } | null;
}

export interface StatusResponse {
  status: { conditions: { type: string; status: boolean; reason: string; message: string }[] } | null;
  info: Record<string, string>;
  runtimeHandlers: RuntimeHandler[];
  features: { supplementalGroupsPolicy: boolean } | null;
}

export interface RuntimeConfigResponse {
  linux: { cgroupDriver: 'SYSTEMD' | 'CGROUPFS' } | null;
}

export interface Streams extends ContainerId {
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

/** The unary calls of RuntimeService. */
export interface RuntimeMethods {
  Version: Method<{ version: string }, VersionResponse>;
  Status: Method<Verbose, StatusResponse>;
  RuntimeConfig: Method<Empty, RuntimeConfigResponse>;
  UpdateRuntimeConfig: Method<{ runtimeConfig: { networkConfig: { podCidr: string } | null } | null }, Empty>;

  RunPodSandbox: Method<RunPodSandboxRequest, PodSandboxId>;
  StopPodSandbox: Method<PodSandboxId, Empty>;
  RemovePodSandbox: Method<PodSandboxId, Empty>;
  PodSandboxStatus: Method<PodSandboxId & Verbose, PodSandboxStatusResponse>;
  ListPodSandbox: Method<{ filter: PodSandboxFilter | null }, { items: PodSandbox[] }>;
  UpdatePodSandboxResources: Method<UpdatePodSandboxResourcesRequest, Empty>;
  PodSandboxStats: Method<PodSandboxId, { stats: PodSandboxStats | null }>;
  ListPodSandboxStats: Method<{ filter: PodSandboxStatsFilter | null }, { stats: PodSandboxStats[] }>;
  PortForward: Method<PodSandboxId & { port: number[] }, { url: string }>;

  CreateContainer: Method<CreateContainerRequest, ContainerId>;
  StartContainer: Method<ContainerId, Empty>;
  StopContainer: Method<ContainerId & { timeout: Int64 }, Empty>;
  RemoveContainer: Method<ContainerId, Empty>;
  ListContainers: Method<{ filter: ContainerFilter | null }, { containers: Container[] }>;
  ContainerStatus: Method<ContainerId & Verbose, ContainerStatusResponse>;
  UpdateContainerResources: Method<UpdateContainerResourcesRequest, Empty>;
  ReopenContainerLog: Method<ContainerId, Empty>;
  ContainerStats: Method<ContainerId, { stats: ContainerStats | null }>;
  ListContainerStats: Method<{ filter: ContainerStatsFilter | null }, { stats: ContainerStats[] }>;
  ExecSync: Method<ContainerId & { cmd: string[]; timeout: Int64 }, { stdout: Buffer; stderr: Buffer; exitCode: number }>;
  Exec: Method<Streams & { cmd: string[] }, { url: string }>;
  Attach: Method<Streams, { url: string }>;
}

/** The calls of ImageService, all unary. */
export interface ImageMethods {
  ListImages: Method<{ filter: { image: ImageSpec | null } | null }, { images: Image[] }>;
  ImageStatus: Method<{ image: ImageSpec | null } & Verbose, { image: Image | null; info: Record<string, string> }>;
  PullImage: Method<PullImageRequest, { imageRef: string }>;
  RemoveImage: Method<{ image: ImageSpec | null }, Empty>;
  ImageFsInfo: Method<Empty, ImageFsInfoResponse>;
}
