import type { Container, HTTPGetAction } from '@podling/shared/api';

/** The number of a port given by number or by the name of one of the container's ports; a name may be a number too. */
export function resolveContainerPort(port: HTTPGetAction['port'], container: Pick<Container, 'ports'>): number {
  const number = typeof port === 'number' ? port : named(port, container);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Error(`invalid port number: ${number}`);
}

function named(name: string, { ports }: Pick<Container, 'ports'>): number {
  const known = ports?.find((port) => port.name === name);
  if (known) return known.containerPort;
  if (/^[+-]?\d+$/.test(name)) return Number(name);
  throw new Error(`strconv.Atoi: parsing ${JSON.stringify(name)}: invalid syntax`);
}
