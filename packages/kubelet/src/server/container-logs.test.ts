import type { Pod, PodStatus } from '@podling/shared/api';
import { createLogger, systemClock } from '@podling/shared/util';
import { CriError } from '@podling/cri';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createRoutes } from './routes.ts';
import type { RoutesOptions } from './routes.ts';

const pod: Pod = { metadata: { name: 'web', namespace: 'default', uid: 'u1' }, spec: { containers: [{ name: 'main' }] } };
const running: PodStatus = { containerStatuses: [{ name: 'main', image: 'i', imageID: '', ready: true, restartCount: 0, containerID: 'containerd://c1', state: { running: {} } }] };

async function askForLog(status: PodStatus): Promise<{ code: number; text: string }> {
  const options = {
    health: [], enableDebuggingHandlers: true, streams: { upgrade: () => undefined }, configuration: {}, pods: { getByName: () => pod }, statusOf: () => status, access: (_request: unknown, _response: unknown, next: () => void) => next(),
    runtime: { containerStatus: () => Promise.reject(new CriError('NotFound', 'no such container')) }, clock: systemClock, logger: createLogger('test', 'silent'),
  } as unknown as RoutesOptions;
  const server = createServer((request, response) => void createRoutes(options)(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/containerLogs/default/web/main`);
  const text = await answer.text();
  await new Promise((resolve) => void server.close(resolve));
  return { code: answer.status, text };
}

describe('the log of a container', () => {
  it('is told when the runtime has forgotten the container', async () => {
    expect(await askForLog(running)).toEqual({ code: 400, text: 'unable to retrieve container logs for containerd://c1' });
  });

  it('is told to come when the container waits', async () => {
    const waiting: PodStatus = { containerStatuses: [{ name: 'main', image: 'i', imageID: '', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull' } } }] };
    expect(await askForLog(waiting)).toEqual({ code: 400, text: 'container "main" in pod "web" is waiting to start: trying and failing to pull image' });
  });
});
