import { CriError, type CriRuntime } from '@podling/cri';
import type { Container, Pod, Probe } from '@podling/shared/api';
import { resolveContainerPort } from '../lifecycle/container-port.ts';
import { httpGet } from '../lifecycle/http-get.ts';
import { addressOf, httpTarget, urlOf } from '../lifecycle/http-target.ts';
import { printableText } from '../lifecycle/printable-text.ts';
import { tcpConnect } from '../lifecycle/tcp-connect.ts';
import { expand, ExpansionRoom } from '../runtime/expansion.ts';
import { checkHealth } from './grpc-health.ts';

/** Where and what to probe. */
export interface ProbeTarget {
  pod: Pod;
  container: Container;
  containerId: string;
  probe: Probe;
  podIP: string;
}

export interface ProbeOutcome {
  result: 'Success' | 'Warning' | 'Failure';
  /** What there was to see, fit for an Event. */
  message: string;
}

/** The probe's `timeoutSeconds` are over. */
export class ProbeTimeout extends Error {
  override readonly name = 'ProbeTimeout';
}

/**
 * One probe of a container. Resolves for every answer, a timeout included; fails when the probe could not be made, which
 * says nothing about the container. `signal` aborts with `ProbeTimeout` when time is up, with anything else when nobody
 * wants to know any more. Upstream twin: kubelet `prober`, packages `probe/*`.
 */
export async function probeOnce(runtime: Pick<CriRuntime, 'execSync'>, target: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  const { probe } = target;
  if (probe.exec) return probeExec(runtime, target, probe.exec.command ?? []);
  if (probe.httpGet) return probeHttp(target, probe.httpGet, signal);
  if (probe.tcpSocket) return probeTcp(target, probe.tcpSocket, signal);
  if (probe.grpc) {
    const { healthy, message } = await checkHealth(target.podIP, probe.grpc.port, probe.grpc.service ?? '', timeoutSecondsOf(probe), signal);
    return { result: healthy ? 'Success' : 'Failure', message: printable(message) };
  }
  throw new Error(`missing probe handler for ${target.pod.metadata.name}:${target.container.name}`);
}

export function timeoutSecondsOf({ timeoutSeconds }: Probe): number {
  return timeoutSeconds || 1;
}

async function probeExec(runtime: Pick<CriRuntime, 'execSync'>, target: ProbeTarget, words: readonly string[]): Promise<ProbeOutcome> {
  const { container, containerId, probe } = target;
  const own = new Map(container.env?.filter(({ valueFrom }) => valueFrom === undefined).map(({ name, value }) => [name, value ?? '']));
  const room = new ExpansionRoom();
  const command = words.map((word) => expand(word, (name) => own.get(name), room));
  const timeoutSeconds = timeoutSecondsOf(probe);
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(containerId, command, timeoutSeconds);
    return { result: exitCode === 0 ? 'Success' : 'Failure', message: printableText(Buffer.concat([stdout, stderr])) };
  } catch (error) {
    if (!(error instanceof CriError) || error.code !== 'DeadlineExceeded') throw error;
    return { result: 'Failure', message: printable(`command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutSeconds}s`) };
  }
}

async function probeHttp({ container, podIP }: ProbeTarget, action: NonNullable<Probe['httpGet']>, signal: AbortSignal): Promise<ProbeOutcome> {
  const target = httpTarget(action, container, podIP, 'probe');
  try {
    const { statusCode, body } = await httpGet(target, signal);
    if (statusCode >= 200 && statusCode < 300) return { result: 'Success', message: '' };
    if (statusCode >= 300 && statusCode < 400) return { result: 'Warning', message: `Probe terminated redirects, Response body: ${printableText(body)}` };
    return { result: 'Failure', message: `HTTP probe failed with statuscode: ${statusCode}` };
  } catch (error) {
    const timeout = `Get ${JSON.stringify(urlOf(target))}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
    return failed(error, timeout);
  }
}

async function probeTcp({ container, podIP }: ProbeTarget, action: NonNullable<Probe['tcpSocket']>, signal: AbortSignal): Promise<ProbeOutcome> {
  const host = action.host || podIP;
  const port = resolveContainerPort(action.port, container);
  try {
    await tcpConnect(host, port, signal);
    return { result: 'Success', message: '' };
  } catch (error) {
    return failed(error, `dial tcp ${addressOf(host, port)}: i/o timeout`);
  }
}

function failed(error: unknown, timeout: string): ProbeOutcome {
  return { result: 'Failure', message: printable(error instanceof ProbeTimeout ? timeout : error instanceof Error ? error.message : String(error)) };
}

function printable(message: string): string {
  return printableText(Buffer.from(message));
}
