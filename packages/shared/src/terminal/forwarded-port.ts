/** `local` 0 takes a free one. */
export interface ForwardedPort {
  local: number;
  remote: number;
}

const MAX_PORT = 65_535;

/** `8888:5000`, `:5000` (no local one), `5000` (the same on both sides). */
export function splitPorts(word: string): [local: string, remote: string] {
  const [first = '', second, ...others] = word.split(':');
  if (others.length > 0) throw new Error(`invalid port format '${word}'`);
  if (second === '') throw new Error('remote port cannot be empty');
  return [first, second ?? first];
}

/** No local one is 0. */
export function portNumber(side: keyof ForwardedPort, typed: string): number {
  const text = side === 'local' && typed === '' ? '0' : typed;
  if (!/^\d+$/.test(text)) throw new Error(`error parsing ${side} port '${text}': strconv.ParseUint: parsing "${text}": invalid syntax`);
  if (Number(text) > MAX_PORT) throw new Error(`error parsing ${side} port '${text}': strconv.ParseUint: parsing "${text}": value out of range`);
  if (side === 'remote' && Number(text) === 0) throw new Error('remote port must be > 0');
  return Number(text);
}
