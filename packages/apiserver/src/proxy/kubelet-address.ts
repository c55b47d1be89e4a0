import { lookup as resolve } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Where no kubelet is: link-local (a cloud's metadata service among them), multicast, and "this host" without a number. */
const nowhere = new BlockList();
nowhere.addSubnet('0.0.0.0', 8, 'ipv4');
nowhere.addSubnet('169.254.0.0', 16, 'ipv4');
nowhere.addSubnet('224.0.0.0', 4, 'ipv4');
nowhere.addAddress('::', 'ipv6');
nowhere.addSubnet('fe80::', 10, 'ipv6');
nowhere.addSubnet('ff00::', 8, 'ipv6');

/**
 * Decides which addresses the apiserver connects to with its own credentials. A node says itself where its kubelet is, and
 * must not turn that into a way to what listens on the apiserver's machine. Upstream twin: `proxyutil.IsProxyableHostname`.
 */
export class KubeletAddressGuard {
  readonly #allowsLoopback: boolean;

  /** `allowsLoopback`: for a cluster that lives on one machine's loopback altogether. */
  constructor({ allowsLoopback }: { allowsLoopback: boolean }) {
    this.#allowsLoopback = allowsLoopback;
  }

  /** For an IP address; names are checked by {@link lookup} once they are resolved. */
  allows(address: string): boolean {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    return !nowhere.check(address, family) && (this.#allowsLoopback || !loopback.check(address, family));
  }

  /** `dns.lookup` for sockets that fails for names of addresses that are not allowed. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      const refused = error ? undefined : addresses.find((address) => !this.allows(address));
      callback(refused === undefined ? error : new Error(`address ${refused} of ${hostname} is not allowed`), found, family);
    });
  };
}
