import type { Static } from 'typebox';
import { int32, int64, intOrString, keepEmpty, list, model, named, oneOf, string } from './schema.ts';
import { signal } from './signal.ts';

export const ExecActionSchema = model('core.v1.ExecAction', {}, { command: list(string) });
export interface ExecAction extends Static<typeof ExecActionSchema> {}

export const HTTPGetActionSchema = model(
  'core.v1.HTTPGetAction',
  { port: intOrString },
  { path: string, host: string, scheme: oneOf('HTTP', 'HTTPS'), httpHeaders: list(model('core.v1.HTTPHeader', { name: string, value: string }, {})) },
);
export interface HTTPGetAction extends Static<typeof HTTPGetActionSchema> {}

export const TCPSocketActionSchema = model('core.v1.TCPSocketAction', { port: intOrString }, { host: string });
export interface TCPSocketAction extends Static<typeof TCPSocketActionSchema> {}

export const GRPCActionSchema = model('core.v1.GRPCAction', { port: int32 }, { service: keepEmpty(string) }, { defaults: { service: '' } });
export interface GRPCAction extends Static<typeof GRPCActionSchema> {}

export const ProbeSchema = model(
  'core.v1.Probe',
  {},
  {
    exec: named<ExecAction>(ExecActionSchema),
    httpGet: named<HTTPGetAction>(HTTPGetActionSchema),
    tcpSocket: named<TCPSocketAction>(TCPSocketActionSchema),
    grpc: named<GRPCAction>(GRPCActionSchema),
    initialDelaySeconds: int32,
    timeoutSeconds: int32,
    periodSeconds: int32,
    successThreshold: int32,
    failureThreshold: int32,
    terminationGracePeriodSeconds: keepEmpty(int64),
  },
);
export interface Probe extends Static<typeof ProbeSchema> {}

export const LifecycleHandlerSchema = model(
  'core.v1.LifecycleHandler',
  {},
  {
    exec: named<ExecAction>(ExecActionSchema),
    httpGet: named<HTTPGetAction>(HTTPGetActionSchema),
    tcpSocket: named<TCPSocketAction>(TCPSocketActionSchema),
    sleep: model('core.v1.SleepAction', { seconds: int64 }, {}),
  },
);
export interface LifecycleHandler extends Static<typeof LifecycleHandlerSchema> {}

export const LifecycleSchema = model(
  'core.v1.Lifecycle',
  {},
  {
    postStart: named<LifecycleHandler>(LifecycleHandlerSchema),
    preStop: named<LifecycleHandler>(LifecycleHandlerSchema),
    stopSignal: keepEmpty(signal),
  },
);
export interface Lifecycle extends Static<typeof LifecycleSchema> {}
