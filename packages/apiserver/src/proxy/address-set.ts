import { BlockList, isIP } from 'node:net';

/** IP addresses, however they are written; what is none is left out, and in no set. */
export class AddressSet {
  readonly #list = new BlockList();

  constructor(addresses: Iterable<string>) {
    for (const address of addresses) if (isIP(address) !== 0) this.#list.addAddress(address, familyOf(address));
  }

  has(address: string): boolean {
    return isIP(address) !== 0 && this.#list.check(address, familyOf(address));
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
