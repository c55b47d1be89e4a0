import type { FieldError } from '../errors.ts';
import { isDNS1123Label, isQualifiedName, isValidPortName, isValidPortNumber } from '../names.ts';
import { isHeadless } from '../service-traits.ts';
import type { ServicePort, ServiceSpec } from '../service.ts';
import { check, checkOptional, duplicate, duplicates, eachOf, forbidden, invalid, required } from './field-errors.ts';

const path = 'spec.ports';
/** How Kubernetes shows what two ports have in common: its own struct, in its order. */
const unsetPort = { Name: '', Protocol: '', AppProtocol: null, Port: 0, TargetPort: 0, NodePort: 0 };

export function validateServicePorts(spec: ServiceSpec): FieldError[] {
  const { ports = [], type } = spec;
  const isMissing = ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName';
  return [
    ...(isMissing ? [required(path)] : []),
    ...eachOf(ports, path, (port, at) => validatePort(port, at, ports.length > 1)),
    ...duplicates(ports, ({ name }) => name, ({ name }, index) => duplicate(`${path}[${index}].name`, name)),
    ...eachOf(ports, path, ({ nodePort }, at) => (nodePort && type === 'ClusterIP' ? [forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : [])),
    ...duplicates(ports, ({ nodePort, protocol }) => nodePort ? `${nodePort}/${protocol}` : undefined, ({ nodePort }, index) => duplicate(`${path}[${index}].nodePort`, nodePort)),
    ...duplicates(ports, ({ port, protocol }) => `${port}/${protocol}`, ({ port, protocol }, index) => duplicate(`${path}[${index}]`, { ...unsetPort, Protocol: protocol, Port: port })),
  ];
}

function validatePort({ name = '', port, targetPort, appProtocol }: ServicePort, at: string, needsName: boolean): FieldError[] {
  return [
    ...(name === '' && needsName ? [required(`${at}.name`)] : checkOptional(`${at}.name`, name, isDNS1123Label)),
    ...isValidPortNumber(port).map((reason) => invalid(`${at}.port`, port, reason)),
    ...validateTarget(targetPort, `${at}.targetPort`),
    ...(appProtocol === undefined ? [] : check(`${at}.appProtocol`, appProtocol, isQualifiedName)),
  ];
}

function validateTarget(target: number | string | undefined, at: string): FieldError[] {
  if (typeof target === 'string') return check(at, target, isValidPortName);
  return isValidPortNumber(target ?? 0).map((reason) => invalid(at, target ?? 0, reason));
}
