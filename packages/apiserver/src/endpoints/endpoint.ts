import type { Request, Response } from 'express';
import type { Clock, Logger } from '@podling/shared/util';
import type { KindInfo } from '@podling/shared/scheme';
import type { AdmissionChain } from '../admission/chain.ts';
import type { InstalledResource } from '../registry/installed-resources.ts';
import type { NodeProxy } from '../proxy/node-proxy.ts';
import type { PodProxy } from '../proxy/pod-proxy.ts';
import type { ResourceMetrics } from '../resource-metrics/resource-metrics.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { IdentityServices } from './identity-services.ts';
import type { Metrics } from './metrics.ts';

/** What every handler may use. */
export interface EndpointServices {
  admission: AdmissionChain;
  clock: Clock;
  /** Pings the open WebSockets. */
  heartbeat: Heartbeat;
  identity: IdentityServices;
  logger: Logger;
  metrics: Metrics;
  nodeProxy: NodeProxy;
  podProxy: PodProxy;
  /** What nodes and pods use. */
  resourceMetrics: ResourceMetrics;
  /** A watch without a timeout of its own ends after this to twice this, so that clients spread over the servers. */
  minWatchTimeoutMs: number;
  /** Aborted when the server stops: long-running requests end then. */
  stopping: AbortSignal;
  /** Whether somebody takes away the finalizers of Orphan and Foreground. */
  collectsGarbage: boolean;
}

/** One stored resource with what its handlers need. */
export interface Endpoint extends InstalledResource {
  services: EndpointServices;
}

/** Answers a request about a stored resource. */
export type Handler = (endpoint: Endpoint, request: Request, response: Response) => Promise<void>;

/** Answers a request; whatever it is about is known already. */
export type BoundHandler = (request: Request, response: Response) => Promise<void>;

/** By verb: get, list, watch, create, update, patch, delete, deletecollection. */
export type Handlers<H = BoundHandler> = Readonly<Record<string, H>>;

/** `RESOURCE/NAME/subresource`. */
export interface ServedSubresource {
  name: string;
  /** Of the bodies, which need not be the kind of the resource. */
  info: Pick<KindInfo, 'group' | 'version' | 'kind'>;
  handlers: Handlers;
  /** Takes any path below itself too, as `proxy` does. */
  hasTail?: true;
}

/** One resource as it is served: routes, discovery, OpenAPI and the table of coverage are made from the list of these. */
export interface ServedResource {
  info: KindInfo;
  handlers: Handlers;
  subresources: readonly ServedSubresource[];
  /** Absent for what is answered without a store, such as reviews. */
  endpoint?: Endpoint;
}
