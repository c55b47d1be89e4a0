import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '@podling/shared/util';

/** How long the pod may take for what was sent before the client was gone. */
const LINGER_MS = 5_000;

/** The client's end of a connection: `lost`, and an event of that name, say that the client is gone. */
export type ClientEnd = Duplex & { readonly lost: Error | undefined };

/**
 * Each direction up to its own end. Fails when the pod's end breaks; a client that has hung up is no failure. One that is
 * gone hears no answer: a pod that goes on holding its own end, or that reads nothing, is not waited for.
 */
export async function joinPort(client: ClientEnd, connection: Duplex, clock: Clock): Promise<void> {
  const over = Promise.withResolvers<void>();
  connection.once('error', over.reject).once('close', over.resolve);
  client.once('close', over.resolve);
  let lingering: Timer | undefined;
  const linger = (): void => void (lingering = clock.setTimeout(over.resolve, LINGER_MS));
  if (client.lost === undefined) client.once('lost', linger);
  else linger();
  client.pipe(connection);
  connection.pipe(client);
  await over.promise.finally(() => {
    client.off('lost', linger);
    lingering?.cancel();
    client.unpipe(connection);
    connection.destroy();
  });
}
