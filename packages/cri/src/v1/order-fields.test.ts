import { expect, it } from 'vitest';
import { orderFields } from './order-fields.ts';

it('orderFields orders fields by their numbers and maps by their keys, at any depth', () => {
  const pod = { labels: { b: '2', a: '1' }, annotations: {}, metadata: { attempt: 1, name: 'web' }, id: 'one', runtimeHandler: '' };
  const shown = { id: 'one', metadata: { name: 'web', attempt: 1 }, labels: { a: '1', b: '2' }, annotations: {}, runtimeHandler: '' };
  expect(JSON.stringify(orderFields('PodSandbox', pod))).toBe(JSON.stringify(shown));
  expect(JSON.stringify(orderFields('ListPodSandboxResponse', { items: [pod] }))).toBe(JSON.stringify({ items: [shown] }));
});
