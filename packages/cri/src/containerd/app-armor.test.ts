import { describe, expect, it } from 'vitest';
import { appArmorProfile } from './app-armor.ts';

const off = { enabled: false, profiles: new Set<string>() };
const on = { enabled: true, profiles: new Set(['nerdctl-default', 'mine']) };
const localhost = (localhostRef: string) => ({ appArmor: { type: 'Localhost' as const, localhostRef } });

describe('AppArmor profile', () => {
  it('is the default one where the kernel has AppArmor, unless the container is privileged or unconfined', () => {
    expect(appArmorProfile({}, on)).toBe('nerdctl-default');
    expect(appArmorProfile({ appArmor: { type: 'RuntimeDefault' } }, off)).toBeUndefined();
    expect(appArmorProfile({ privileged: true }, on)).toBeUndefined();
    expect(appArmorProfile({ appArmor: { type: 'Unconfined' } }, on)).toBeUndefined();
  });

  it('that is named must be loaded', () => {
    expect(appArmorProfile(localhost('mine'), on)).toBe('mine');
    expect(() => appArmorProfile(localhost('other'), on)).toThrow('apparmor profile not found other');
    expect(() => appArmorProfile(localhost('mine'), off)).toThrow('apparmor is not supported');
  });
});
