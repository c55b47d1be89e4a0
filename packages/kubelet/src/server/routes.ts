import { unlessNotFound, type CriRuntime } from '@podling/cri';
import { uidOf, type Pod, type PodStatus } from '@podling/shared/api';
import type { Clock, Logger } from '@podling/shared/util';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { LogOptionsError } from '../logs/log-options.ts';
import type { MachineInfo } from '../node/machine-info.ts';
import type { PodManager } from '../pod/pod-manager.ts';
import type { RuntimePod } from '../runtime/runtime.ts';
import type { StatsProvider } from '../stats/stats-provider.ts';
import type { CadvisorReadings } from '../stats/cadvisor-readings.ts';
import { sendJson, sendText } from './answers.ts';
import { installHealth, type HealthCheck } from './health.ts';
import { cadvisorMetrics } from './cadvisor-metrics.ts';
import { logRoute } from './log-route.ts';
import { kubeletMetrics } from './metrics.ts';
import { param, podOf } from './pod-request.ts';
import { prometheusContentType, prometheusText, type MetricFamily } from './prometheus-text.ts';
import { RequestError } from './request-error.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { installStreams, streamPaths, type StreamRoutesOptions } from './stream-routes.ts';

export interface RoutesOptions {
  pods: PodManager;
  statusOf: (pod: Pod) => PodStatus;
  runtime: CriRuntime;
  stats: StatsProvider;
  /** Serves exec, attach and port-forward. */
  streams: StreamRoutesOptions['streams'];
  /** Lets in who may ask. */
  access: RequestHandler;
  health: readonly HealthCheck[];
  nodeName: string;
  /** The configuration in force, for `/configz`. */
  configuration: object;
  /** Whether pods' logs, what runs and the configuration are shown. */
  enableDebuggingHandlers: boolean;
  listRunningPods: () => Promise<RuntimePod[]>;
  /** What the kernel counts. */
  readCadvisor: () => Promise<CadvisorReadings>;
  machine: MachineInfo;
  probeMetrics: () => readonly MetricFamily[];
  /** Of other parts of the kubelet. */
  furtherMetrics: () => readonly MetricFamily[];
  clock: Clock;
  logger: Logger;
}

/** The kubelet's HTTP interface, as the apiserver and the metrics collectors use it. */
export function createRoutes(options: RoutesOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('case sensitive routing', true);
  app.use(options.access);
  installHealth(app, options.health);
  app.get('/pods', (_, response) => sendJson(response, podList(options)));
  app.get('/stats/summary', async (request, response) => sendJson(response, await (request.query['only_cpu_and_memory'] === 'true' ? options.stats.cpuAndMemory() : options.stats.summary())));
  app.get('/stats/:namespace/:pod/:uid/:container', (request, response) => containerStats(options, request, response));
  app.get('/metrics', (_, response) => sendMetrics(response, [...kubeletMetrics(figures(options)), ...options.furtherMetrics()]));
  app.get('/metrics/resource', async (_, response) => sendMetrics(response, resourceMetrics(await unlessFailed(options, () => options.stats.forRates()))));
  app.get('/metrics/cadvisor', async (_, response) => sendMetrics(response, cadvisorMetrics(await unlessFailed(options, options.readCadvisor), options.machine)));
  app.get('/metrics/probes', (_, response) => sendMetrics(response, options.probeMetrics()));
  installDebugging(app, options);
  app.use((_: Request, response: Response) => sendText(response, 404, '404 page not found\n'));
  app.use((error: unknown, _: Request, response: Response, next: NextFunction) => answerError(options.logger, error, response, next));
  return app;
}

/** What looks into pods and into the kubelet itself. */
function installDebugging(app: Express, options: RoutesOptions): void {
  const paths = { logs: '/containerLogs/:namespace/:pod/:container', running: '/runningpods', configuration: '/configz' };
  if (!options.enableDebuggingHandlers) {
    app.all([...Object.values(paths), ...streamPaths], (_, response) => sendText(response, 405, 'Debug endpoints are disabled.\n'));
    return;
  }
  app.get(paths.logs, logRoute(options));
  app.get(paths.running, async (_, response) => sendJson(response, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: (await options.listRunningPods()).map(podOfRuntime) }));
  installStreams(app, options);
  app.get(paths.configuration, (_, response) => sendJson(response, { kubeletconfig: options.configuration }));
}

/** What the runtime can tell of a pod. */
function podOfRuntime({ uid, name, namespace, containers }: RuntimePod): Pod {
  return { metadata: { name, namespace, uid }, spec: { containers: containers.map(({ metadata, image }) => ({ name: metadata.name, image })) }, status: {} };
}

function sendMetrics(response: Response, families: readonly MetricFamily[]): void {
  response.writeHead(200, { 'content-type': prometheusContentType }).end(prometheusText(families));
}

function figures({ pods, statusOf, nodeName }: RoutesOptions) {
  const all = pods.list();
  return { nodeName, pods: all, statuses: all.map(statusOf), mirrors: pods.mirrors().length };
}

/** A scrape that fails says so in a metric of its own. */
async function unlessFailed<T>({ logger }: RoutesOptions, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    logger.warn({ err: error }, 'cannot read statistics');
    return undefined;
  }
}

function podList({ pods, statusOf }: RoutesOptions): object {
  const items = pods.list().map((pod) => ({ ...pod, status: statusOf(pod) }));
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}

async function containerStats({ pods, statusOf, stats }: RoutesOptions, request: Request, response: Response): Promise<void> {
  const pod = podOf(pods, request);
  const container = param(request, 'container');
  if (uidOf(pod) !== param(request, 'uid')) throw new RequestError(404, `pod "${pod.metadata.name}" not found`);
  const status = statusOf(pod).containerStatuses?.find(({ name }) => name === container);
  const id = status?.containerID?.slice(status.containerID.indexOf('://') + 3);
  const found = id === undefined ? undefined : await unlessNotFound(stats.container(pod, id));
  if (found === undefined) throw new RequestError(404, `container "${container}" not found in pod "${pod.metadata.name}"`);
  sendJson(response, found);
}

function answerError(logger: Logger, error: unknown, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    logger.warn({ err: error }, 'answer broken off');
    next(error);
    return;
  }
  const known = error instanceof RequestError || error instanceof LogOptionsError ? error.code : undefined;
  if (known === undefined) logger.error({ err: error }, 'request failed');
  sendText(response, known ?? 500, error instanceof Error ? error.message : 'internal error');
}

