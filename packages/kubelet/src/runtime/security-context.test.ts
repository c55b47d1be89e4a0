import type { Container, Pod } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { containerSecurityContext } from './security-context.ts';

const defaults = { seccompDefault: false, seccompRoot: '/root/seccomp' };

function contextOf(own: Container['securityContext'], spec: Partial<Pod['spec']> = {}, node = defaults) {
  return containerSecurityContext(buildPod({ name: 'web', spec }), { name: 'main', ...(own && { securityContext: own }) }, node);
}

describe('security context of a container', () => {
  it('asks for nothing that nobody asked for: no seccomp profile, processes of its own', () => {
    expect(contextOf(undefined)).toEqual({ pid: { mode: 'CONTAINER' }, seccomp: { type: 'Unconfined' } });
    expect(contextOf(undefined, {}, { ...defaults, seccompDefault: true }).seccomp).toEqual({ type: 'RuntimeDefault' });
  });

  it('is the container\'s over the pod\'s', () => {
    const pod = { runAsUser: 1, runAsGroup: 2, seccompProfile: { type: 'RuntimeDefault' as const }, appArmorProfile: { type: 'Unconfined' as const } };
    const own = { runAsUser: 0, seccompProfile: { type: 'Localhost' as const, localhostProfile: 'a/b.json' }, appArmorProfile: { type: 'Localhost' as const, localhostProfile: 'mine' } };
    expect(contextOf(undefined, { securityContext: pod })).toMatchObject({ runAsUser: 1, runAsGroup: 2, seccomp: { type: 'RuntimeDefault' }, appArmor: { type: 'Unconfined' } });
    expect(contextOf(own, { securityContext: pod })).toMatchObject({
      runAsUser: 0, runAsGroup: 2, seccomp: { type: 'Localhost', localhostRef: '/root/seccomp/a/b.json' }, appArmor: { type: 'Localhost', localhostRef: 'mine' },
    });
  });

  it('carries everything else through', () => {
    const own = { privileged: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: true, procMount: 'Unmasked' as const, capabilities: { add: ['A'], drop: ['ALL'] } };
    const spec = { securityContext: { fsGroup: 5, supplementalGroups: [6], supplementalGroupsPolicy: 'Strict' as const } };
    expect(contextOf(own, spec)).toMatchObject({
      privileged: true, readonlyRootfs: true, noNewPrivileges: false, procMount: 'Unmasked', addCapabilities: ['A'], dropCapabilities: ['ALL'],
      supplementalGroups: [5, 6], supplementalGroupsPolicy: 'Strict',
    });
    expect(contextOf({ allowPrivilegeEscalation: false }).noNewPrivileges).toBe(true);
  });

  it.each([
    [{ shareProcessNamespace: true }, 'POD'],
    [{ hostPID: true }, 'NODE'],
    [{ hostPID: true, shareProcessNamespace: false }, 'NODE'],
  ])('shares processes as the pod says: %j', (spec, mode) => {
    expect(contextOf(undefined, spec).pid).toEqual({ mode });
  });

  it.each([
    [undefined, 'localhostProfile must be set if seccompProfile type is Localhost.'],
    ['../../etc/shadow', 'localhostProfile "../../etc/shadow" must not contain \'..\''],
    ['.', 'localhostProfile "." must not contain \'..\''],
  ])('never names a seccomp profile outside the node\'s folder: %s', (localhostProfile, message) => {
    const seccompProfile = { type: 'Localhost' as const, ...(localhostProfile && { localhostProfile }) };
    expect(() => contextOf({ seccompProfile })).toThrow(message);
  });
});
