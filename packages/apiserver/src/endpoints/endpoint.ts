import type { Request, Response } from 'express';
import type { Clock, Logger } from '@podling/shared/util';
import type { AdmissionChain } from '../admission/chain.ts';
import type { InstalledResource } from '../registry/installed-resources.ts';
import type { NodeProxy } from '../proxy/node-proxy.ts';
import type { Metrics } from './metrics.ts';

/** What every handler may use. */
export interface EndpointServices {
  admission: AdmissionChain;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  nodeProxy: NodeProxy;
  /** Aborted when the server stops: long-running requests end then. */
  stopping: AbortSignal;
}

/** One resource as it is served. */
export interface Endpoint extends InstalledResource {
  services: EndpointServices;
}

export type Handler = (endpoint: Endpoint, request: Request, response: Response) => Promise<void>;
