import type { FieldError } from '../errors.ts';
import { isDNS1123Subdomain } from '../names.ts';
import type { WindowsSecurityContextOptions } from '../security-context.ts';
import { check } from './field-errors.ts';

const MAX_SPEC_KIB = 64;
const MAX_DOMAIN = 256;
const MAX_USER = 104;

const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsName = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  if (!options) return [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  return [
    ...(name === undefined ? [] : check(`${path}.gmsaCredentialSpecName`, name, isDNS1123Subdomain)),
    ...(spec === undefined ? [] : check(`${path}.gmsaCredentialSpec`, spec, checkCredentialSpec)),
    ...(user === undefined ? [] : check(`${path}.runAsUserName`, user, checkUserName)),
  ];
}

function checkCredentialSpec(spec: string): string[] {
  if (spec === '') return ['gmsaCredentialSpec cannot be an empty string'];
  return Buffer.byteLength(spec) > MAX_SPEC_KIB * 1024 ? [`gmsaCredentialSpec size must be under ${MAX_SPEC_KIB} KiB`] : [];
}

/** `user` or `DOMAIN\user`. */
function checkUserName(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  if (/[\x00-\x1f\x7f]/.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const [user = '', domain] = parts.toReversed();
  return [...(domain === undefined ? [] : checkDomain(domain)), ...checkUser(user)];
}

function checkDomain(domain: string): string[] {
  const isTooLong = Buffer.byteLength(domain) >= MAX_DOMAIN;
  return [
    ...(isTooLong ? [`runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`] : []),
    ...(netBiosName.test(domain) || dnsName.test(domain) ? [] : ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]),
  ];
}

function checkUser(user: string): string[] {
  const bytes = Buffer.byteLength(user);
  return [
    ...(bytes === 0 ? ["runAsUserName's User cannot be empty"] : []),
    ...(bytes > MAX_USER ? [`runAsUserName's User length must not be longer than ${MAX_USER} characters`] : []),
    ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
    ...(/["/\\:;|=,+*?<>@[\]]/.test(user) ? [String.raw`runAsUserName's User cannot contain the following characters: "/\:;|=,+*?<>@[]`] : []),
  ];
}
