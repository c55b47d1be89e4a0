import { describe, expect, it } from 'vitest';
import type { Status } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';

const megabytes = 2.9 * 1024 * 1024;
const filledWith = (item: string): string => Array.from({ length: Math.floor(megabytes / (item.length + 1)) }, () => item).join(',');
const counted = (count: number, item: (index: number) => string): string => Array.from({ length: count }, (_, index) => item(index)).join(',');
const podWith = (spec: string, metadata = ''): string => `{"metadata":{"name":"heavy"${metadata}},"spec":{"containers":[{"name":"c","image":"x"}]${spec}}}`;
const json = 'application/json';
const operations = 'application/json-patch+json';
const strategic = 'application/strategic-merge-patch+json';

const creates: [what: string, type: string, body: string][] = [
  ['a million containers', json, `{"metadata":{"name":"heavy"},"spec":{"containers":[${filledWith('{}')}]}}`],
  ['labels that are all wrong', json, podWith('', `,"labels":{${counted(30_000, (index) => `"l${index}":"!"`)}}`)],
  ['unknown fields without end', json, podWith(`,${counted(30_000, (index) => `"u${index}":1`)}`)],
  ['a field that comes again and again', json, podWith(`,${filledWith('"dup":1')}`)],
  ['a selector of 90,000 terms', json, podWith(`,"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"x","labelSelector":{"matchExpressions":[${counted(90_000, () => '{"key":"a","operator":"Exists"}')}]}}]}}`)],
  ['an address of 300,000 zeros', json, podWith(`,"hostAliases":[{"ip":"${'0'.repeat(300_000)}x","hostnames":["a"]}]`)],
  ['JSON 10,000 deep', json, `{"spec":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ['objects 300,000 deep', json, `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`],
  ['YAML 10,000 deep', 'application/yaml', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['YAML dashes 10,000 deep', 'application/yaml', '- '.repeat(10_000)],
  ['an alias bomb', 'application/yaml', ['l0: &l0 [x]', ...Array.from({ length: 12 }, (_, level) => `l${level + 1}: &l${level + 1} [${counted(10, () => `*l${level}`)}]`)].join('\n')],
  ['YAML without end', 'application/yaml', `a: [${filledWith('b')}]`],
];

const patches: typeof creates = [
  ['copies that double', operations, JSON.stringify([
    { op: 'add', path: '/metadata/annotations', value: { a: 'x'.repeat(1000) } },
    ...Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '/metadata', path: `/metadata/annotations/b${index}` })),
  ])],
  ['more operations than allowed', operations, `[${counted(10_001, () => '{"op":"test","path":"/kind","value":"Pod"}')}]`],
  ['10,000 containers, each put first', operations, `[${counted(10_000, () => '{"op":"add","path":"/spec/containers/0","value":{"name":"a","image":"b"}}')}]`],
  ['elements of one merge key', strategic, `{"spec":{"containers":[${filledWith('{"name":"c","image":"y"}')}]}}`],
  ['an order of 30,000', strategic, `{"spec":{"$setElementOrder/containers":[${counted(30_000, (index) => `{"name":"c${index}"}`)}],"containers":[{"name":"main","image":"z!"}]}}`],
  ['a merge 200,000 deep', 'application/merge-patch+json', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`],
  ['a fortune of owned fields', 'application/apply-patch+yaml', `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"target","annotations":{${counted(150_000, (index) => `"${index}":"!"`)}}}}`],
];

describe('heavy input', () => {
  const server = useTestServer();

  /** Another client that goes on meanwhile; answers how often it was answered, and its failures. */
  async function besides<T>(work: Promise<T>): Promise<{ result: T; failures: number }> {
    let failures = 0;
    let isOver = false;
    const result = work.finally(() => (isOver = true));
    do {
      const answer = await fetch(`${server.url}/api/v1/namespaces/default`, { signal: AbortSignal.timeout(15_000) }).catch(() => undefined);
      if (answer?.status !== 200) failures += 1;
      await answer?.text();
    } while (!isOver);
    return { result: await result, failures };
  }

  it.each(creates)('%s: refused or warned of, and others are served', async (_what, contentType, body) => {
    const { result: { code, text }, failures } = await besides(send('POST', `${pods}?dryRun=All`, contentType, body));
    expect([201, 400, 413, 422]).toContain(code);
    expect([failures, text.length < 1024 * 1024]).toEqual([0, true]);
  });

  it.each(patches)('%s: refused or applied, and others are served', async (_what, contentType, body) => {
    await server.createPod('target').catch(() => undefined);
    const { result: { code, text }, failures } = await besides(send('PATCH', `${pods}/target?dryRun=All&fieldManager=m`, contentType, body));
    expect([200, 400, 413, 422]).toContain(code);
    expect([failures, text.length < 1024 * 1024]).toEqual([0, true]);
  });

  async function send(method: string, path: string, contentType: string, body: string): Promise<{ code: number; text: string }> {
    const answer = await fetch(server.url + path, { method, headers: { 'content-type': contentType }, body, signal: AbortSignal.timeout(15_000) });
    return { code: answer.status, text: await answer.text() };
  }

  it('4,000 variables that all change: written, and others are served', async () => {
    const templates = '/api/v1/namespaces/default/podtemplates';
    const template = (value: string): string => `{"metadata":{"name":"heavy"},"template":{"spec":{"containers":[{"name":"c","image":"x","env":[${counted(4000, (index) => `{"name":"e${index}","value":"${value}"}`)}]}]}}}`;
    expect((await send('POST', templates, json, template('a'))).code).toBe(201);
    const { result: { code }, failures } = await besides(send('PUT', `${templates}/heavy?fieldManager=other`, json, template('b')));
    expect([code, failures]).toEqual([200, 0]);
  });

  it('8,000 items applied in another order, after as many new ones: merged, and others are served', async () => {
    const maps = '/api/v1/namespaces/default/configmaps';
    const [old, fresh] = ['old', 'new'].map((word) => Array.from({ length: 8000 }, (_, index) => `a.b/${word}${index}`)) as [string[], string[]];
    const body = (finalizers: string[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'heavy', finalizers } });
    expect((await send('POST', maps, json, body(old.toReversed()))).code).toBe(201);
    const { result: { code }, failures } = await besides(send('PATCH', `${maps}/heavy?fieldManager=other`, 'application/apply-patch+yaml', body([...fresh, ...old])));
    expect([code, failures]).toEqual([200, 0]);
    await send('PATCH', `${maps}/heavy`, 'application/merge-patch+json', '{"metadata":{"finalizers":null}}');
  });

  it('a selector of 100,000 terms in the query is refused', async () => {
    const query = counted(100_000, (index) => `a${index}`);
    const answer = await fetch(`${server.url}${pods}?labelSelector=${query}`).then(({ status }) => status, () => 431);
    expect([400, 414, 431]).toContain(answer);
    expect((await server.send<Status>('GET', pods)).code).toBe(200);
  });

  it('leaves no prototype changed', async () => {
    const body = '{"metadata":{"name":"proto","labels":{"__proto__":"x"},"__proto__":{"polluted":1}},"__proto__":{"polluted":1},"spec":{"containers":[{"name":"c","image":"x"}]}}';
    expect((await server.send('POST', `${pods}?fieldValidation=Strict`, { body })).code).toBe(400);
    await server.createPod('proto').catch(() => undefined);
    for (const [contentType, patch] of [
      ['application/merge-patch+json', '{"__proto__":{"polluted":1},"metadata":{"annotations":{"__proto__":"y"}}}'],
      [strategic, '{"constructor":{"prototype":{"polluted":1}},"metadata":{"__proto__":{"polluted":1}}}'],
      [operations, '[{"op":"add","path":"/__proto__/polluted","value":1}]'],
      [operations, '[{"op":"add","path":"/constructor/prototype/polluted","value":1}]'],
    ] as const) {
      expect((await server.send('PATCH', `${pods}/proto`, { body: patch, contentType })).code).toBeLessThan(500);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
