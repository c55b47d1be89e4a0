import { describe, expect, it } from 'vitest';
import { portNumber, splitPorts } from './forwarded-port.ts';
import type { ForwardedPort } from './forwarded-port.ts';

describe('ports of a command line', () => {
  it.each([['5000', ['5000', '5000']], ['8888:5000', ['8888', '5000']], [':http', ['', 'http']]])('%s are %j', (word, ports) => expect(splitPorts(word)).toEqual(ports));

  it.each([['1:2:3', "invalid port format '1:2:3'"], ['1:', 'remote port cannot be empty']])('%s are none', (word, message) => expect(() => splitPorts(word)).toThrow(message));

  it.each<[keyof ForwardedPort, string, number]>([['local', '', 0], ['local', '0', 0], ['remote', '65535', 65_535]])('%s %j is %i', (side, text, number) => expect(portNumber(side, text)).toBe(number));

  it.each<[keyof ForwardedPort, string, string]>([
    ['remote', '0', 'remote port must be > 0'],
    ['remote', '', "error parsing remote port '': strconv.ParseUint: parsing \"\": invalid syntax"],
    ['local', 'x', "error parsing local port 'x': strconv.ParseUint: parsing \"x\": invalid syntax"],
    ['local', '65536', "error parsing local port '65536': strconv.ParseUint: parsing \"65536\": value out of range"],
  ])('%s %j is refused', (side, text, message) => expect(() => portNumber(side, text)).toThrow(message));
});
