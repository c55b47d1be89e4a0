import { describe, expect, it } from 'vitest';
import { tools } from './tools.ts';
import { compareVersions, describeRange, isGood, upstreamVersion } from './version.ts';

describe('versions', () => {
  it.each([
    ['3.5.13', '3.5.9', 1],
    ['1.7.0', '1.7', 0],
    ['1.10.0', '1.9.9', 1],
    ['0.22.0', '1.0.0', -1],
  ])('compares %s with %s by numbers', (one, other, sign) => {
    expect(Math.sign(compareVersions(one, other))).toBe(sign);
    expect(Math.sign(compareVersions(other, one))).toBe(-sign + 0);
  });

  it('keeps to a range whose upper end is excluded', () => {
    const range = { minimum: '1.6.0', below: '2.0.0' };
    expect(['1.5.9', '1.6.0', '1.7.35', '2.0.0', '2.1.0'].map((version) => isGood(version, range))).toEqual([false, true, true, false, false]);
    expect(describeRange(range)).toBe('≥ 1.6.0, < 2.0.0');
  });

  it.each([
    ['1.6.20~ds1-1+deb12u3', '1.6.20'],
    ['1:1.35.0-4+deb12u1+b1', '1.35.0'],
    ['3.4.23-4+b4', '3.4.23'],
    ['1.20.5+really1.20.2-1.1', '1.20.5'],
  ])('reads the upstream version of package version %s', (text, version) => {
    expect(upstreamVersion(text)).toBe(version);
  });
});

describe('tools', () => {
  it.each([
    ['containerd', 'containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3', '1.6.20'],
    ['containerd', 'containerd containerd.io v1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182', '1.7.24'],
    ['containerd-shim-runc-v2', '/usr/bin/containerd-shim-runc-v2:\n  Version:  1.6.20~ds1\n  Go version: go1.19.8', '1.6.20'],
    ['ctr', 'ctr github.com/containerd/containerd 1.6.20~ds1', '1.6.20'],
    ['runc', 'runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev', '1.1.5'],
    ['etcd', 'etcd Version: 3.6.8\nGit SHA: Not provided', '3.6.8'],
    ['nerdctl', 'nerdctl version 1.7.7', '1.7.7'],
    ['seccomp-profile', 'seccomp-profile v1.7.35', '1.7.35'],
    ['flanneld', 'v0.28.4', '0.28.4'],
    ['catatonit', 'tini version 0.1.7_catatonit', '0.1.7'],
    ['kubectl', 'Client Version: v1.32.4\nKustomize Version: v5.5.0', '1.32.4'],
    ['cni/firewall', '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}', '1.0.0'],
  ])('reads what %s says of its version', (name, said, version) => {
    const tool = tools.find((candidate) => candidate.name === name);
    expect(tool?.probe.pattern.exec(said)?.[1]).toBe(version);
  });

  it('have names and places of their own', () => {
    expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
    expect(new Set(tools.map(({ path }) => path)).size).toBe(tools.length);
  });
});
