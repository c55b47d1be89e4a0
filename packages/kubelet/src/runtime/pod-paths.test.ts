import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPodPaths } from './pod-paths.ts';

const paths = createPodPaths('/root-dir', '/logs');
const pod = (name: string) => ({ metadata: { name, namespace: 'default', uid: '839dd6f1-4412-4631-a222-ecabd296c0ff' }, spec: { containers: [] } });

describe('pod paths', () => {
  it('name the log folder by namespace, name and UID', () => {
    expect(paths.logDir(pod('web'))).toBe('/logs/default_web_839dd6f1-4412-4631-a222-ecabd296c0ff');
  });

  it('keep the log folder of the longest name within what a file system takes, with the whole UID', () => {
    const folder = basename(paths.logDir(pod('p'.repeat(253))));
    expect(folder).toHaveLength(255);
    expect(folder.endsWith('_839dd6f1-4412-4631-a222-ecabd296c0ff')).toBe(true);
  });
});
