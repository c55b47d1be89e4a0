import type { Container, EphemeralContainer } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { isValidPortName, isValidPortNumber } from '../names.ts';
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../probe.ts';
import { check, checkNonNegative, eachOf, forbidden, invalid, required } from './field-errors.ts';

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
    ...validateHandler(probe, path),
    ...timings.flatMap((name) => checkNonNegative(`${path}.${name}`, probe[name])),
    ...(seconds !== undefined && seconds <= 0 ? [invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0')] : []),
  ];
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, gracePeriodSeconds: number | undefined, path: string): FieldError[] {
  const { postStart, preStop } = lifecycle ?? {};
  const hook = (handler: LifecycleHandler | undefined, at: string) =>
    handler ? [...validateHandler(handler, at), ...validateSleep(handler, gracePeriodSeconds, at)] : [];
  return [...hook(postStart, `${path}.postStart`), ...hook(preStop, `${path}.preStop`)];
}

function validateSleep({ sleep }: LifecycleHandler, gracePeriodSeconds: number | undefined, path: string): FieldError[] {
  if (!sleep || gracePeriodSeconds === undefined) return [];
  if (sleep.seconds >= 0 && sleep.seconds <= gracePeriodSeconds) return [];
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`;
  return [invalid(`${path}.sleep`, sleep.seconds, detail)];
}

function validateHandler(handler: Handler, path: string): FieldError[] {
  const [first, ...others] = handlerNames.filter((name) => handler[name] !== undefined);
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...validateAction(handler, path),
    ...others.map((name) => forbidden(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

function validateAction({ exec, httpGet, tcpSocket, grpc }: Handler, path: string): FieldError[] {
  if (exec) return exec.command?.length ? [] : [required(`${path}.exec.command`)];
  if (httpGet) return validateHttpGet(httpGet, `${path}.httpGet`);
  if (tcpSocket) return validatePort(tcpSocket.port, `${path}.tcpSocket.port`);
  return grpc ? validatePort(grpc.port, `${path}.grpc.port`) : [];
}

function validateHttpGet({ path: target, port, httpHeaders }: HTTPGetAction, path: string): FieldError[] {
  return [
    ...(target ? [] : [required(`${path}.path`)]),
    ...validatePort(port, `${path}.port`),
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
