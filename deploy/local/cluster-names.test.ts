import { describe, expect, it } from 'vitest';
import { bridgeName, checkClusterName, InvalidClusterNameError, vethName } from './cluster-names.ts';
import { clusterPaths } from './cluster-paths.ts';

const longest = 'a'.repeat(32);

describe('cluster names', () => {
  it.each(['podling', 'a', 'demo-2', longest])('admits %s', (name) => {
    expect(checkClusterName(name)).toBe(name);
  });

  it.each(['', '-a', 'a-', 'A', 'a.b', '../a', 'a/b', `${longest}a`])('refuses "%s"', (name) => {
    expect(() => checkClusterName(name)).toThrow(InvalidClusterNameError);
  });

  it('give interface names that the kernel takes (15 characters), different for each cluster', () => {
    const names = ['podling', longest, `${'a'.repeat(31)}b`, 'demo'].flatMap((cluster) => [bridgeName(cluster), vethName(cluster, 200)]);
    expect(names.every((name) => name.length <= 15)).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  });

  it('keep socket paths below the 107 characters that the kernel takes', () => {
    expect(clusterPaths(longest).node('node-200').containerdSocket.length).toBeLessThan(100);
  });
});
