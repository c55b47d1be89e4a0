import { randomInt } from 'node:crypto';
import { isIP } from 'node:net';

export type IPFamily = 'IPv4' | 'IPv6';

/** Larger ranges are used in part only. */
const mostAddresses = 2n ** 16n;
/** Where addresses are given out only when those above are used up: left to those who name theirs. */
const staticShare = 256n;

export function familyOf(ip: string): IPFamily {
  return isIP(ip) === 6 ? 'IPv6' : 'IPv4';
}

/** An address as a number; any spelling of an IPv6 address gives the same. */
function toNumber(ip: string): bigint {
  if (isIP(ip) === 4) return ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(ip);
  const plain = embedded ? `${embedded[1]}${toNumber(embedded[2] ?? '').toString(16).padStart(8, '0').replace(/^(....)/, '$1:')}` : ip;
  const [head = '', tail] = plain.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const [left, right] = [groups(head), groups(tail ?? '')];
  const all = tail === undefined ? left : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function toText(value: bigint, family: IPFamily): string {
  const count = family === 'IPv4' ? 4 : 8;
  const bits = family === 'IPv4' ? 8n : 16n;
  const parts = Array.from({ length: count }, (_, index) => (value >> (BigInt(count - 1 - index) * bits)) & ((1n << bits) - 1n));
  if (family === 'IPv4') return parts.join('.');
  return new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]`).hostname.slice(1, -1);
}

/**
 * The addresses services get: all of a CIDR but its network address and, of IPv4, its broadcast address. The first one is
 * the apiserver's own service. Upstream twin: `ipallocator`.
 */
export class ClusterIPRange {
  readonly family: IPFamily;
  readonly first: string;
  /** How many addresses there are to give. */
  readonly size: number;
  readonly #base: bigint;

  /** Throws for what is no CIDR and for one that holds less than eight addresses. */
  constructor(cidr: string) {
    const [address = '', bits = '', ...rest] = cidr.split('/');
    const version = isIP(address);
    const width = version === 6 ? 128 : 32;
    const hostBits = width - Number(bits);
    if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || hostBits < 3) throw new Error(`--service-cluster-ip-range ${JSON.stringify(cidr)} is no range of at least eight addresses`);
    this.family = familyOf(address);
    this.#base = (toNumber(address) >> BigInt(hostBits)) << BigInt(hostBits);
    const all = 1n << BigInt(hostBits);
    const usable = all - (version === 4 ? 2n : 1n);
    this.size = Number(usable < mostAddresses ? usable : mostAddresses);
    this.first = this.at(0);
  }

  /** The address at a place from 0 to `size` - 1. */
  at(offset: number): string {
    return toText(this.#base + 1n + BigInt(offset), this.family);
  }

  contains(ip: string): boolean {
    if (familyOf(ip) !== this.family) return false;
    const offset = toNumber(ip) - this.#base - 1n;
    return offset >= 0n && offset < BigInt(this.size);
  }

  /** The one spelling under which an address is kept. */
  canonical(ip: string): string {
    return toText(toNumber(ip), this.family);
  }

  /** Every place once, in an order of chance, those that others may name last. */
  *candidates(): Generator<string> {
    const reserved = Math.min(Number(staticShare), Math.floor(this.size / 16));
    for (const [from, to] of [[reserved, this.size], [0, reserved]] as const) {
      const length = to - from;
      const start = length > 0 ? randomInt(length) : 0;
      for (let step = 0; step < length; step += 1) yield this.at(from + ((start + step) % length));
    }
  }
}
