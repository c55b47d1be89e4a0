import { describe, expect, it } from 'vitest';
import { CriError } from './cri.ts';
import { imageRepository, normalizeImageReference } from './image-reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('image reference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['me/app', 'docker.io/me/app:latest'],
    ['podling.local/pause:1', 'podling.local/pause:1'],
    ['localhost/app', 'localhost/app:latest'],
    ['registry:5000/app', 'registry:5000/app:latest'],
    ['[fd00::1]:5000/app:2', '[fd00::1]:5000/app:2'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
    [`busybox:1@${digest}`, `docker.io/library/busybox@${digest}`],
    ['a/b__c/d--e:v1', 'docker.io/a/b__c/d--e:v1'],
  ])('%s is %s', (reference, normalized) => {
    expect(normalizeImageReference(reference)).toBe(normalized);
    expect(normalizeImageReference(normalized)).toBe(normalized);
  });

  it.each(['', 'a b', 'Upper', 'a:b:c', 'a/', '/a', 'a:', 'a@', 'a@sha256:12', '-a', 'a..b', `${'a'.repeat(256)}`, 'a:-x', 'http://a/b'])('refuses %j', (reference) => {
    expect(() => normalizeImageReference(reference)).toThrow(CriError);
  });

  it('gives the repository of a full name', () => {
    expect(imageRepository('registry:5000/app:2')).toBe('registry:5000/app');
    expect(imageRepository(`docker.io/library/busybox@${digest}`)).toBe('docker.io/library/busybox');
  });
});
