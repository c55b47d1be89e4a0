import type { Pod, Service } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { forwardedPorts } from './forwarded-ports.ts';

const pod = {
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 8080 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }] }] },
} as unknown as Pod;
const service = (spec: object): Service => ({ metadata: { name: 'front' }, spec: { ports: [{ name: 'web', port: 80, targetPort: 'http' }, { port: 81 }], ...spec } }) as unknown as Service;

describe('ports to forward', () => {
  it.each([
    ['5000', { local: 5000, remote: 5000 }],
    ['8888:5000', { local: 8888, remote: 5000 }],
    [':5000', { local: 0, remote: 5000 }],
    ['http', { local: 8080, remote: 8080 }],
    ['1:http', { local: 1, remote: 8080 }],
  ])('%s of a pod', (word, port) => expect(forwardedPorts([word], pod, undefined)).toEqual([port]));

  it.each([
    ['80', { local: 80, remote: 8080 }],
    ['web', { local: 80, remote: 8080 }],
    [':web', { local: 0, remote: 8080 }],
    ['81', { local: 81, remote: 81 }],
  ])('%s of a service', (word, port) => expect(forwardedPorts([word], pod, service({}))).toEqual([port]));

  it('are the service\'s own where it has no address', () => {
    expect(forwardedPorts(['80'], pod, service({ clusterIP: 'None' }))).toEqual([{ local: 80, remote: 80 }]);
  });

  it.each([
    ['1:2:3', "invalid port format '1:2:3'"],
    ['1:', 'remote port cannot be empty'],
    ['0', 'remote port must be > 0'],
    ['65536', 'value out of range'],
    ['x:1', 'error parsing local port \'x\''],
    ['none', "Pod 'web' does not have a named port 'none'"],
    ['dns', 'UDP protocol is not supported for dns'],
  ])('%s is none', (word, message) => expect(() => forwardedPorts([word], pod, undefined)).toThrow(message));

  it.each([['99', 'Service front does not have a service port 99'], ['none', "Service 'front' does not have a named port 'none'"]])('%s is none of the service', (word, message) =>
    expect(() => forwardedPorts([word], pod, service({}))).toThrow(message));
});
