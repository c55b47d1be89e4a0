import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.ts';
import { checkNesting, DecodeError } from './decode-error.ts';
import { EventSchema } from './event.ts';
import { LeaseSchema } from './lease.ts';
import { NamespaceSchema } from './namespace.ts';
import { NodeSchema } from './node.ts';
import { PodSchema } from './pod.ts';

const pod = (spec: object, metadata: object = { name: 'web' }) => ({ metadata, spec: { containers: [], ...spec } });
const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

describe('decode', () => {
  it('keeps what the schema knows and lists what it does not', () => {
    const given = { ...pod({ nope: 1, containers: [{ name: 'c', bar: {} }] }), extra: [] };
    const { object, unknownFields } = decode(PodSchema, given);
    expect(object).toEqual(pod({ containers: [{ name: 'c', resources: {} }] }));
    expect(unknownFields).toEqual(['spec.containers[0].bar', 'spec.nope', 'extra']);
  });

  it('gives required fields their zero value and leaves optional ones out', () => {
    expect(decode(PodSchema, {}).object).toEqual({ metadata: { name: '' }, spec: { containers: [] } });
    const { object } = decode(PodSchema, pod({ containers: [{ ports: [{}], livenessProbe: { httpGet: {} } }] }));
    expect(object.spec.containers).toEqual([{ name: '', resources: {}, ports: [{ containerPort: 0 }], livenessProbe: { httpGet: { port: 0 } } }]);
  });

  it('drops optional zero values, but for those that say something else than nothing', () => {
    const zeros = { stdin: false, tty: false, workingDir: '', image: '', ports: [], securityContext: { privileged: false, runAsUser: 0 } };
    const { object } = decode(PodSchema, pod({ hostNetwork: false, nodeName: '', hostname: '', hostUsers: false, priority: 0, containers: [{ name: 'c', ...zeros }] }));
    expect(object.spec).toEqual({ hostUsers: false, priority: 0, containers: [{ name: 'c', resources: {}, securityContext: { privileged: false, runAsUser: 0 } }] });
  });

  it.each([
    [PodSchema, { containerStatuses: [{ state: { running: {} } }] }, { containerStatuses: [{ name: '', ready: false, restartCount: 0, image: '', imageID: '', state: { running: { startedAt: null } }, lastState: {} }] }],
    [PodSchema, { conditions: [{ type: 'A', status: 'True' }] }, { conditions: [{ type: 'A', status: 'True', lastProbeTime: null, lastTransitionTime: null }] }],
    [NodeSchema, { conditions: [{ type: 'A', status: 'True' }] }, { conditions: [{ type: 'A', status: 'True', lastHeartbeatTime: null, lastTransitionTime: null }] }],
    [NamespaceSchema, { conditions: [{ type: 'A', status: 'True', lastTransitionTime: null }] }, { conditions: [{ type: 'A', status: 'True', lastTransitionTime: null }] }],
  ])('says null and {} for what Go holds by value (%#)', (schema, status, expected) => {
    expect(decode(schema, { metadata: { name: 'a' }, status }).object.status).toMatchObject(expected);
  });

  it('says null for the times of an event', () => {
    expect(decode(EventSchema, {}).object).toMatchObject({ eventTime: null, firstTimestamp: null, lastTimestamp: null });
  });

  it('takes null for absent', () => {
    const { object } = decode(PodSchema, { metadata: { name: null, labels: { a: null }, creationTimestamp: null }, spec: { containers: [null], volumes: null } });
    expect(object).toEqual({ metadata: { name: '', labels: { a: '' } }, spec: { containers: [{ name: '', resources: {} }] } });
  });

  it.each<[object, string]>([
    [pod({ containers: [{ ports: [{ containerPort: '80' }] }] }), 'spec.containers[0].ports[0].containerPort: expected integer, got string'],
    [pod({ containers: [{ ports: [{ containerPort: 1.5 }] }] }), 'spec.containers[0].ports[0].containerPort: expected integer, got number 1.5'],
    [pod({ containers: [{ ports: [{ containerPort: 2 ** 31 }] }] }), 'spec.containers[0].ports[0].containerPort: number 2147483648 does not fit int32'],
    [pod({ containers: {} }), 'spec.containers: expected array, got object'],
    [pod({ hostNetwork: 'yes' }), 'spec.hostNetwork: expected boolean, got string'],
    [pod({ nodeSelector: { disk: 1 } }), 'spec.nodeSelector[disk]: expected string, got number'],
    [pod({}, { name: 'a', labels: [] }), 'metadata.labels: expected object, got array'],
    [pod({}, { name: 'a', creationTimestamp: 'today' }), 'metadata.creationTimestamp: expected an RFC 3339 time, got "today"'],
      [pod({ containers: [{ livenessProbe: { tcpSocket: { port: [] } } }] }), 'spec.containers[0].livenessProbe.tcpSocket.port: expected integer or string, got array'],
    [pod({}, { name: 'a', managedFields: [{ fieldsV1: nested(200) }] }), 'metadata.managedFields[0].fieldsV1: nested deeper than 100 levels'],
    [[], 'expected object, got array'],
  ])('names the place of a wrong type (%#)', (value, message) => {
    const splitAt = message.lastIndexOf(': ');
    const [field, reason] = splitAt < 0 ? ['', message] : [message.slice(0, splitAt), message.slice(splitAt + 2)];
    expect(() => decode(PodSchema, value)).toThrow(new DecodeError(field, reason));
  });

  it('writes quantities in canonical form and refuses what is none', () => {
    const limits = { cpu: 0.5, memory: '1024Mi', 'example.com/gpu': 2 };
    const { object } = decode(PodSchema, pod({ containers: [{ name: 'c', resources: { limits } }] }));
    expect(object.spec.containers[0]?.resources?.limits).toEqual({ cpu: '500m', memory: '1Gi', 'example.com/gpu': '2' });
    for (const cpu of ['lots', '1.1.1', '', true, {}]) expect(() => decode(PodSchema, pod({ containers: [{ name: 'c', resources: { limits: { cpu } } }] }))).toThrow("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  });

  it('writes times in UTC with the precision of the field', () => {
    const { object } = decode(LeaseSchema, { metadata: { creationTimestamp: '2026-01-02T03:04:05.9+01:00' }, spec: { renewTime: '2026-01-02T03:04:05.9Z' } });
    expect(object.metadata.creationTimestamp).toBe('2026-01-02T02:04:05Z');
    expect(object.spec?.renewTime).toBe('2026-01-02T03:04:05.900000Z');
  });

  it('keeps int-or-string as it came', () => {
    const probe = (port: unknown) => pod({ containers: [{ name: 'c', livenessProbe: { tcpSocket: { port } } }] });
    for (const port of ['http', 8080]) {
      expect(decode(PodSchema, probe(port)).object.spec.containers[0]?.livenessProbe?.tcpSocket?.port).toBe(port);
    }
  });

  it('lets no key of the client reach a prototype', () => {
    const given = JSON.parse('{"metadata":{"name":"a","labels":{"__proto__":"x","constructor":"y"},"__proto__":{"uid":"z"}},"spec":{},"constructor":{}}') as unknown;
    const { object, unknownFields } = decode(PodSchema, given);
    expect(Object.getPrototypeOf(object.metadata.labels)).toBe(Object.prototype);
    expect(JSON.stringify(object.metadata.labels)).toBe('{"__proto__":"x","constructor":"y"}');
    expect(object.metadata.uid).toBeUndefined();
    expect(unknownFields).toEqual(['metadata.__proto__', 'constructor']);
  });

  it('shares nothing with its input', () => {
    const given = pod({}, { name: 'a', labels: { a: 'b' }, managedFields: [{ fieldsV1: { 'f:spec': {} } }] });
    const { object } = decode(PodSchema, given);
    object.metadata.labels = { ...object.metadata.labels, a: 'changed' };
    Object.assign(object.metadata.managedFields?.[0]?.fieldsV1 ?? {}, { more: 1 });
    expect(given).toEqual(pod({}, { name: 'a', labels: { a: 'b' }, managedFields: [{ fieldsV1: { 'f:spec': {} } }] }));
  });

  const key = fc.constantFrom('metadata', 'name', 'labels', 'spec', 'containers', 'ports', 'containerPort', 'resources', 'limits', 'cpu', 'status', 'taints', 'volumes', 'x', '__proto__');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 8 }, fc.jsonValue(), fc.dictionary(key, tie('tree')), fc.array(tie('tree'), { maxLength: 3 })),
  }));

  it.each([['Pod', PodSchema], ['Node', NodeSchema]])('throws nothing but DecodeError for any JSON (%s)', (_kind, schema) => {
    fc.assert(
      fc.property(tree, (value) => {
        try {
          const { object } = decode(schema, value);
          expect(decode(schema, object)).toEqual({ object, unknownFields: [] });
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('nesting limit', () => {
  it('lets 100 levels through and refuses more', () => {
    expect(() => checkNesting(nested(99))).not.toThrow();
    expect(() => checkNesting(nested(101))).toThrow(DecodeError);
    expect(() => checkNesting(nested(5000))).toThrow(DecodeError);
  });
});
