import type { FieldError } from '../errors.ts';
import type { AppArmorProfile, SeccompProfile } from '../security-context.ts';
import { invalid, notSupported, required, tooLong } from './field-errors.ts';
import { checkDescending } from './paths.ts';

const types = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const MAX_PROFILE_BYTES = 4095;

function validateType(type: string, name: string, path: string): FieldError[] {
  if (type === '') return [required(`${path}.type`, `type is required when ${name} is set`)];
  return types.includes(type) ? [] : [notSupported(`${path}.type`, type, types)];
}

export function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  return [...validateType(profile.type, 'seccompProfile', path), ...validateSeccompFile(profile, `${path}.localhostProfile`)];
}

function validateSeccompFile({ type, localhostProfile }: SeccompProfile, path: string): FieldError[] {
  if (type === 'Localhost') {
    return localhostProfile === undefined ? [required(path, 'must be set when seccomp type is Localhost')] : checkDescending(path, localhostProfile);
  }
  if (localhostProfile === undefined) return [];
  return [invalid(path, { Type: type, LocalhostProfile: localhostProfile }, 'can only be set when seccomp type is Localhost')];
}

export function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  if (type === 'Localhost') return validateAppArmorFile(localhostProfile, `${path}.localhostProfile`);
  if (!types.includes(type) || localhostProfile === undefined) return validateType(type, 'appArmorProfile', path);
  return [invalid(`${path}.localhostProfile`, localhostProfile, 'can only be set when AppArmor type is Localhost')];
}

function validateAppArmorFile(profile: string | undefined, path: string): FieldError[] {
  const missing = required(path, 'must be set when AppArmor type is Localhost');
  if (!profile) return [missing];
  return [
    ...(profile.trim() === profile ? [] : [invalid(path, profile, 'must not be padded with whitespace')]),
    ...(Buffer.byteLength(profile) > MAX_PROFILE_BYTES ? [tooLong(path, MAX_PROFILE_BYTES)] : []),
  ];
}
