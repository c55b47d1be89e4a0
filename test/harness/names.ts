import { mustSucceed, waitUntil } from '@podling/deploy/observe';
import type { World } from '@podling/deploy/observe';

/** By the C library's resolver, which reads resolv.conf and hosts: `NAME is ADDRESS`, and again and again. */
export const askForNames = (names: string[]): string => `while true; do for name in ${names.join(' ')}; do echo "$name is $(ping -c 1 -w 1 $name 2> /dev/null | sed -n 's/^PING .*(\\(.*\\)).*/\\1/p')" & done; wait; echo round; sleep 1; done`;

/** What a name was found to be in the last whole round of a pod that asks for names, '' for nothing. */
export async function foundName(world: World, pod: string, name: string): Promise<string | undefined> {
  const log = await mustSucceed(world.kubectl, ['logs', pod, '-c', 'main']);
  const round = log.split('\nround').at(-2)?.split('\n') ?? [];
  return round.find((line) => line.startsWith(`${name} is `))?.slice(`${name} is `.length);
}

/** Waits until the pod finds the name at the address, '' for none. */
export const findsName = (world: World, pod: string, name: string, address: string): Promise<unknown> =>
  waitUntil(`${pod} to find ${name} at ${address || 'no address'}`, async () => (await foundName(world, pod, name)) === address, { timeoutMs: 60_000 });
