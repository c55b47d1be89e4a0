import { readFile } from 'node:fs/promises';

/** The pod network of this node as flannel has leased it (`10.244.1.0/24`); undefined while there is none. */
export async function readPodCidr(subnetFile: string): Promise<string | undefined> {
  try {
    return parsePodCidr(await readFile(subnetFile, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** flannel writes the gateway's address with the prefix length: the host bits are cleared here. */
export function parsePodCidr(text: string): string | undefined {
  const match = /^FLANNEL_SUBNET=(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)\s*$/m.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d, prefix] = match.slice(1).map(Number) as [number, number, number, number, number];
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  const network = (((a << 24) | (b << 16) | (c << 8) | d) & mask) >>> 0;
  return `${[24, 16, 8, 0].map((shift) => (network >>> shift) & 255).join('.')}/${prefix}`;
}
