import { CriError } from '../cri.ts';

/** Hands out the lowest free address of an IPv4 range; the network's and the gateway's own are kept back. */
export class IpPool {
  readonly #first: number;
  readonly #last: number;
  readonly #taken = new Set<number>();

  constructor(cidr: string) {
    const [address = '', bits = '24'] = cidr.split('/');
    const base = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    this.#first = base + 2;
    this.#last = base + 2 ** (32 - Number(bits)) - 2;
  }

  take(): string {
    for (let candidate = this.#first; candidate <= this.#last; candidate += 1) {
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      return format(candidate);
    }
    throw new CriError('NetworkError', 'no IP addresses available in range');
  }

  release(ip: string): void {
    this.#taken.delete(ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0));
  }
}

function format(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
