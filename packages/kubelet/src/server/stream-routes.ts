import type { StreamRequest, StreamUpgrader } from '@podling/cri/streaming';
import { isUpgrade, takeOver } from '@podling/shared/upgrade';
import type { Express, Request, Response } from 'express';
import { RequestError } from './request-error.ts';
import { attachRequest, execRequest, portForwardRequest, portsOf, type StreamSources, type StreamTarget } from './stream-requests.ts';

export interface StreamRoutesOptions extends StreamSources {
  streams: Pick<StreamUpgrader, 'upgrade'>;
}

/** With and without the pod's UID. */
const commandPaths = (kind: string): string[] => [`/${kind}/:namespace/:pod/:container`, `/${kind}/:namespace/:pod/:uid/:container`];
const forwardPaths = ['/portForward/:namespace/:pod', '/portForward/:namespace/:pod/:uid'];

export const streamPaths = [...commandPaths('exec'), ...commandPaths('attach'), ...forwardPaths];

/** `/exec`, `/attach` and `/portForward`: SPDY asks with POST, a WebSocket with GET. */
export function installStreams(app: Express, options: StreamRoutesOptions): void {
  const serve = (paths: string[], find: (target: StreamTarget, query: URLSearchParams) => Promise<StreamRequest>): void => {
    const handle = async (request: Request, response: Response): Promise<void> => {
      const found = await find(targetOf(request), new URL(request.url, 'https://kubelet').searchParams);
      if (!isUpgrade(request)) throw new RequestError(400, 'Upgrade request required');
      const { wire, head } = takeOver(request, response);
      options.streams.upgrade(found, request, wire, head);
    };
    app.get(paths, handle);
    app.post(paths, handle);
  };
  serve(commandPaths('exec'), (target, query) => execRequest(options, target, query));
  serve(commandPaths('attach'), (target, query) => attachRequest(options, target, query));
  serve(forwardPaths, (target, query) => portForwardRequest(options, target, portsOf(query)));
}

function targetOf({ params }: Request): StreamTarget {
  const { namespace, pod, uid, container } = params as Record<string, string>;
  return { namespace: namespace ?? '', pod: pod ?? '', uid, container: container ?? '' };
}
