import type { Container, ContainerPort } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { isValidPortName, isValidPortNumber } from '../names.ts';
import { checkRequiredMember, duplicate, eachOf, invalid, required } from './field-errors.ts';

export function validatePorts(ports: ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return eachOf(ports, path, ({ name, containerPort, hostPort, protocol }, at, index) => [
    ...(name ? validatePortName(name, names, path, index) : []),
    ...(containerPort === 0 ? [required(`${at}.containerPort`)] : checkNumber(containerPort, `${at}.containerPort`)),
    ...(hostPort ? checkNumber(hostPort, `${at}.hostPort`) : []),
    ...checkRequiredMember(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
  ]);
}

function checkNumber(port: number, path: string): FieldError[] {
  return isValidPortNumber(port).map((reason) => invalid(path, port, reason));
}

function validatePortName(name: string, names: Set<string>, path: string, index: number): FieldError[] {
  const at = `${path}[${index}].name`;
  const reasons = isValidPortName(name);
  if (reasons.length > 0) return reasons.map((reason) => invalid(at, name, reason));
  if (names.has(name)) return [duplicate(at, name)];
  names.add(name);
  return [];
}

/** A port of the host is taken once by protocol and address. */
export function validateHostPorts(containers: Container[], path: string): FieldError[] {
  const taken = new Set<string>();
  return eachOf(containers, path, ({ ports }, at) => eachOf(ports, `${at}.ports`, ({ protocol, hostIP, hostPort }, portPath) => {
    if (!hostPort) return [];
    const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
    if (taken.has(key)) return [duplicate(`${portPath}.hostPort`, key)];
    taken.add(key);
    return [];
  }));
}
