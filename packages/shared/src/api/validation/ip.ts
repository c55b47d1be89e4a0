import { isIP } from 'node:net';
import type { FieldError } from '../errors.ts';
import { invalid } from './field-errors.ts';

/** An address as a number, and whether it is written the one way that is allowed today. */
interface Address {
  family: 4 | 6;
  value: bigint;
  hasLeadingZeros: boolean;
  /** `::ffff:10.0.0.1`: an IPv4 address in IPv6 notation. */
  isMapped: boolean;
}

const bitsOf = { 4: 32, 6: 128 } as const;
const MAPPED_PREFIX = 0xffffn;
/** No address is longer than 45 characters, but for leading zeros. */
const longestText = 64;

function parseAddress(text: string): Address | undefined {
  if (text.length > longestText || text.includes('%')) return undefined;
  const plain = text.replace(/(^|[.:])0+(?=\d+(?:\.\d+)*$|\d+\.)/g, '$1');
  const family = isIP(plain);
  if (family !== 4 && family !== 6) return undefined;
  const value = family === 4 ? toNumber4(plain) : toNumber6(plain);
  const hasLeadingZeros = family === 4 ? plain !== text : isIP(text) === 0;
  return { family, value, hasLeadingZeros, isMapped: family === 6 && value >> 32n === MAPPED_PREFIX };
}

function toNumber4(text: string): bigint {
  return text.split('.').reduce((total, part) => total * 256n + BigInt(part), 0n);
}

/** The URL parser knows the one canonical form (RFC 5952). */
function canonical6(text: string): string {
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function toNumber6(text: string): bigint {
  const [head = '', tail] = canonical6(text).split('::');
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const [front, back] = [words(head), words(tail ?? '')];
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return all.reduce((total, word) => total * 65_536n + BigInt(`0x${word}`), 0n);
}

function format4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

function format(text: string, { family, value, isMapped }: Address): string {
  return family === 4 || isMapped ? format4(value & 0xffff_ffffn) : canonical6(text);
}

/** An IP address; `known` are the values the field held before, which may stay. */
export function checkIp(field: string, text: string, known: readonly string[] = []): FieldError[] {
  if (known.includes(text)) return [];
  const address = parseAddress(text);
  if (!address) return [invalid(field, text, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  if (address.hasLeadingZeros) return [invalid(field, text, 'must not have leading 0s')];
  return address.isMapped ? [invalid(field, text, 'must not be an IPv4-mapped IPv6 address')] : [];
}

export function warnIp(field: string, text: string): string[] {
  const address = parseAddress(text);
  if (!address) return [];
  const standard = format(text, address);
  if (address.hasLeadingZeros || address.isMapped) return [`${field}: non-standard IP address ${JSON.stringify(text)} is invalid: use "${standard}"`];
  if (address.family === 4 || standard === text) return [];
  return [`${field}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format ("${standard}")`];
}

interface Prefix extends Address {
  bits: number;
}

function parsePrefix(text: string): Prefix | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const parsed = parseAddress(address);
  if (!parsed || rest.length > 0 || !/^\d{1,4}$/.test(bits) || Number(bits) > bitsOf[parsed.family]) return undefined;
  return { ...parsed, bits: Number(bits), hasLeadingZeros: parsed.hasLeadingZeros || /^0\d/.test(bits) };
}

const hostBits = ({ family, bits, value }: Prefix): bigint => value & ((1n << BigInt(bitsOf[family] - bits)) - 1n);

export function checkCidr(field: string, text: string): FieldError[] {
  const prefix = parsePrefix(text);
  if (!prefix) return [invalid(field, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
  if (prefix.hasLeadingZeros) return [invalid(field, text, 'must not have leading 0s in IP or prefix length')];
  if (prefix.isMapped) return [invalid(field, text, 'must not have an IPv4-mapped IPv6 address')];
  return hostBits(prefix) === 0n ? [] : [invalid(field, text, 'must not have bits set beyond the prefix length')];
}

/** For a valid one: IPv6 is best written in its canonical form. */
export function warnCidr(field: string, text: string): string[] {
  const [address = '', bits = ''] = text.split('/');
  const parsed = parseAddress(address);
  if (!parsed || parsed.family === 4) return [];
  const standard = `${canonical6(address)}/${bits}`;
  return standard === text ? [] : [`${field}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format ("${standard}")`];
}

/** At most one of each family. */
export function checkFamilies(field: string, texts: readonly string[], shown: unknown, detail: string): FieldError[] {
  const families = texts.map((text) => parseAddress(text.split('/')[0] ?? '')?.family);
  return new Set(families).size === families.length ? [] : [invalid(field, shown, detail)];
}

const specialIps: [RegExp, string][] = [
  [/^(127\.|::1$)/, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(169\.254\.|fe[89ab])/i, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(224\.0\.0\.|ff02)/i, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** A valid address that others can be sent to. */
export function checkReachableIp(field: string, ip: string): FieldError[] {
  if (ip === '0.0.0.0' || ip === '::') return [invalid(field, ip, `may not be unspecified (${ip})`)];
  return specialIps.filter(([pattern]) => pattern.test(ip)).map(([, detail]) => invalid(field, ip, detail));
}

export function familyOf(ip: string): 'IPv4' | 'IPv6' | undefined {
  const family = parseAddress(ip)?.family;
  return family === undefined ? undefined : family === 4 ? 'IPv4' : 'IPv6';
}
