import type { Pod } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { normalSysctl } from '../runtime/sysctl-name.ts';
import { admitAppArmor, SysctlAllowlist } from './security-admission.ts';

const pod = (spec: Partial<Pod['spec']>): Pod => buildPod({ name: 'web', spec });
const setting = (name: string, spec: Partial<Pod['spec']> = {}): Pod => pod({ securityContext: { sysctls: [{ name, value: '1' }] }, ...spec });
const forbidden = (why: string) => ({ reason: 'SysctlForbidden', message: `Pod was rejected: forbidden sysctl: ${why}` });

describe('sysctl allowlist', () => {
  const list = new SysctlAllowlist(['kernel.msg*', 'net.core.somaxconn', 'net/ipv6/conf/*']);

  it.each(['net.ipv4.tcp_syncookies', 'net/ipv4/tcp_syncookies', 'kernel.msgmax', 'net.core.somaxconn', 'net.ipv6.conf.all'])('lets %s pass', (name) => {
    expect(list.admit(setting(name))).toBeUndefined();
  });

  it.each([
    ['kernel.shmmax', {}, '"kernel.shmmax" not allowlisted'],
    ['net.core.somaxconn2', {}, '"net.core.somaxconn2" not allowlisted'],
    ['kernel.msgmax', { hostIPC: true }, '"kernel.msgmax" not allowed with host IPC enabled'],
    ['net.ipv4.tcp_syncookies', { hostNetwork: true }, '"net.ipv4.tcp_syncookies" not allowed with host Net enabled'],
  ])('forbids %s where it must: %j', (name, spec, why) => {
    expect(list.admit(setting(name, spec))).toEqual(forbidden(why));
  });

  it('takes no pattern of the node as a whole', () => {
    expect(() => new SysctlAllowlist(['vm.*'])).toThrow('the sysctls "vm." are not known to be namespaced');
  });

  it('reads names with slashes', () => {
    expect(normalSysctl('net/ipv4/conf/eth0.1/rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter');
    expect(normalSysctl('net.ipv4.conf.eth0/1.rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter');
  });
});

describe('AppArmor admission', () => {
  const refusal = { reason: 'AppArmor', message: 'Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host' };
  const containers = [{ name: 'a', securityContext: { appArmorProfile: { type: 'Localhost' as const, localhostProfile: 'mine' } } }];

  it('refuses a pod with a profile where the kernel has no AppArmor', () => {
    expect(admitAppArmor(pod({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }), false)).toEqual(refusal);
    expect(admitAppArmor(pod({ containers }), false)).toEqual(refusal);
    expect(admitAppArmor(pod({ containers }), true)).toBeUndefined();
  });

  it('takes one that asks for none', () => {
    expect(admitAppArmor(pod({ securityContext: { appArmorProfile: { type: 'Unconfined' } } }), false)).toBeUndefined();
  });
});
