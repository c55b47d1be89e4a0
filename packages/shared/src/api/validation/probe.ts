import type { Container, EphemeralContainer } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { isValidPortName, isValidPortNumber } from '../names.ts';
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../probe.ts';
import { supportedSignals } from '../signal.ts';
import { check, checkMember, checkNonNegative, eachOf, forbidden, invalid, required } from './field-errors.ts';

const handlerNames = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;
const timings = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;

type Handler = Probe & LifecycleHandler;

export function validateProbes(container: Container | EphemeralContainer, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...validateProbe(livenessProbe, `${path}.livenessProbe`),
    ...requireOneSuccess(livenessProbe, `${path}.livenessProbe`),
    ...validateProbe(readinessProbe, `${path}.readinessProbe`),
    ...forbidGracePeriod(readinessProbe, `${path}.readinessProbe`),
    ...validateProbe(startupProbe, `${path}.startupProbe`),
    ...requireOneSuccess(startupProbe, `${path}.startupProbe`),
  ];
}

function requireOneSuccess(probe: Probe | undefined, path: string): FieldError[] {
  const threshold = probe?.successThreshold ?? 1;
  return threshold === 1 ? [] : [invalid(`${path}.successThreshold`, threshold, 'must be 1')];
}

function forbidGracePeriod(probe: Probe | undefined, path: string): FieldError[] {
  const seconds = probe?.terminationGracePeriodSeconds;
  if (seconds === undefined) return [];
  return [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes')];
}

function validateProbe(probe: Probe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const seconds = probe.terminationGracePeriodSeconds;
  return [
    ...validateHandler(probe, undefined, path),
    ...timings.flatMap((name) => checkNonNegative(`${path}.${name}`, probe[name])),
    ...(seconds !== undefined && seconds <= 0 ? [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0')] : []),
  ];
}

/** What hooks and signals depend on in their pod. */
export interface LifecycleContext {
  gracePeriodSeconds: number | undefined;
  os: 'linux' | 'windows' | undefined;
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, context: LifecycleContext, path: string): FieldError[] {
  const { postStart, preStop, stopSignal } = lifecycle ?? {};
  return [
    ...(postStart ? validateHandler(postStart, context.gracePeriodSeconds, `${path}.postStart`) : []),
    ...(preStop ? validateHandler(preStop, context.gracePeriodSeconds, `${path}.preStop`) : []),
    ...(stopSignal === undefined ? [] : validateStopSignal(stopSignal, context.os, `${path}.stopSignal`)),
  ];
}

function validateStopSignal(signal: string, os: LifecycleContext['os'], path: string): FieldError[] {
  if (!os) return [forbidden(path, 'may not be set for containers with empty `spec.os.name`')];
  return checkMember(path, signal, os === 'windows' ? ['SIGKILL', 'SIGTERM'] : supportedSignals);
}

function validateHandler(handler: Handler, gracePeriodSeconds: number | undefined, path: string): FieldError[] {
  const [first, ...others] = handlerNames.filter((name) => handler[name] !== undefined);
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...validateAction(handler, gracePeriodSeconds, path),
    ...others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

function validateAction(handler: Handler, gracePeriodSeconds: number | undefined, path: string): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (exec) return exec.command?.length ? [] : [required(`${path}.exec.command`)];
  if (httpGet) return validateHttpGet(httpGet, `${path}.httpGet`);
  if (tcpSocket) return validatePort(tcpSocket.port, `${path}.tcpSocket.port`);
  if (grpc) return validatePort(grpc.port, `${path}.grpc.port`);
  return sleep ? validateSleep(sleep.seconds, gracePeriodSeconds, `${path}.sleep`) : [];
}

function validateSleep(seconds: number, gracePeriodSeconds: number | undefined, path: string): FieldError[] {
  if (gracePeriodSeconds === undefined || (seconds >= 0 && seconds <= gracePeriodSeconds)) return [];
  return [invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`)];
}

function validateHttpGet({ path: target, port, scheme, httpHeaders }: HTTPGetAction, path: string): FieldError[] {
  return [
    ...(target ? [] : [required(`${path}.path`)]),
    ...validatePort(port, `${path}.port`),
    ...checkMember(`${path}.scheme`, scheme ?? '', ['HTTP', 'HTTPS']),
    ...eachOf(httpHeaders, path, ({ name }) => check(`${path}.httpHeaders`, name, isHeaderName)),
  ];
}

function isHeaderName(name: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(name)) return [];
  const rule = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [`${rule} (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`];
}

function validatePort(port: number | string, path: string): FieldError[] {
  const reasons = typeof port === 'number' ? isValidPortNumber(port) : isValidPortName(port);
  return reasons.map((reason) => invalid(path, port, reason));
}
