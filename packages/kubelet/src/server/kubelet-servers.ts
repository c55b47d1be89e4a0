import type { Clock, Logger, Timer } from '@podling/shared/util';
import express, { type Express } from 'express';
import type { KubeletConfig } from '../config.ts';
import { sendText } from './answers.ts';
import { installHealth, type HealthCheck } from './health.ts';
import { startServer, type RunningServer, type TlsMaterial } from './server.ts';

export interface KubeletServersOptions {
  config: Pick<KubeletConfig, 'enableServer' | 'address' | 'port' | 'healthzPort' | 'healthzBindAddress'>;
  tls: TlsMaterial | undefined;
  routes: Express;
  health: readonly HealthCheck[];
  clock: Clock;
  logger: Logger;
}

const retryMs = 5_000;

/** The HTTPS server, unless it is switched off, and the port that tells whoever is near how the kubelet does, if there is one. */
export async function startKubeletServers({ config, tls, routes, health, clock, logger }: KubeletServersOptions): Promise<RunningServer> {
  const { enableServer, address, port, healthzPort, healthzBindAddress } = config;
  const main = enableServer ? await startServer(routes, { address, port, tls }) : undefined;
  const place = { address: healthzBindAddress, port: healthzPort, tls: undefined };
  const healthz = healthzPort === 0 ? undefined : keepTrying(() => startServer(healthRoutes(health), place), clock, logger);
  return {
    port: main?.port ?? port,
    stop: async () => void (await Promise.all([main?.stop(), healthz?.stop()])),
  };
}

/** A port that is taken does not keep the kubelet from its work. */
function keepTrying(start: () => Promise<RunningServer>, clock: Clock, logger: Logger): { stop(): Promise<void> } {
  let timer: Timer | undefined;
  let stopped = false;
  const attempt = async (): Promise<RunningServer | undefined> => {
    try {
      return await start();
    } catch (error) {
      logger.error({ err: error }, 'cannot start the healthz server');
      if (!stopped) timer = clock.setTimeout(() => void (running = attempt()), retryMs);
      return undefined;
    }
  };
  let running = attempt();
  return {
    async stop() {
      stopped = true;
      timer?.cancel();
      await (await running)?.stop();
    },
  };
}

function healthRoutes(health: readonly HealthCheck[]): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  installHealth(app, health);
  app.use((_, response) => sendText(response, 404, '404 page not found\n'));
  return app;
}
