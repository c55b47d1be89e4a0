import type { KeyPairPaths } from '../../pki/index.ts';

export interface CorefileParts {
  /** Where it listens, on port 53 over UDP and TCP. */
  address: string;
  clusterDomain: string;
  apiserver: string;
  ca: string;
  client: KeyPairPaths;
  /** Whom it asks about names outside of the cluster, in this order. */
  upstreams: string[];
}

export const readyPort = 8181;

/**
 * CoreDNS' configuration, near to what kubeadm gives it: it answers the cluster's zone from the apiserver and asks the
 * upstreams for the rest. Without one such a name fails at once. A loop through its upstreams ends it with a message.
 */
export function corefile({ address, clusterDomain, apiserver, ca, client, upstreams }: CorefileParts): string {
  return `.:53 {
    bind ${address}
    errors
    health ${address}:8180
    ready ${address}:${readyPort}
    kubernetes ${clusterDomain} in-addr.arpa ip6.arpa {
        endpoint ${apiserver}
        tls ${client.cert} ${client.key} ${ca}
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
${upstreams.length === 0 ? '' : forward(upstreams)}    cache 30 {
        disable success ${clusterDomain}
        disable denial ${clusterDomain}
    }
    reload
    loadbalance
}
`;
}

function forward(upstreams: string[]): string {
  return `    loop
    forward . ${upstreams.map(bracketed).join(' ')} {
        policy sequential
        max_concurrent 1000
    }
`;
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
