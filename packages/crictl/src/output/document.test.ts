import { expect, it } from 'vitest';
import { statusFields } from './document.ts';

it('statusFields says what is not set of a status in its place, and nothing of it below', () => {
  const status = { id: 'one', metadata: null, image: { image: 'web:1', annotations: {}, userSpecifiedImage: '', runtimeHandler: '' }, resources: { linux: null, windows: null }, user: null };
  expect(JSON.stringify(statusFields('ContainerStatus', status))).toBe(JSON.stringify({ ...status, resources: {} }));
});
