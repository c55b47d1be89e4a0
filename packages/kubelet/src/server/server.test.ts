import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { startServer } from './server.ts';

const established = '01';
const keepAliveTimer = '02';

/** The kernel's timers on the connections that a port of this machine has taken. */
async function timersOf(port: number): Promise<(string | undefined)[]> {
  const table = await readFile('/proc/self/net/tcp', 'latin1');
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/));
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return rows.filter(([, address = '', , state]) => address.endsWith(local) && state === established).map((row) => row[5]?.slice(0, 2));
}

describe("the kubelet's server", () => {
  it('has the kernel ask after clients that are silent', async () => {
    const server = await startServer(() => {}, { address: '127.0.0.1', port: 0, tls: undefined });
    const client = connect(server.port, '127.0.0.1');
    await eventually(async () => expect(await timersOf(server.port)).toEqual([keepAliveTimer]));
    client.destroy();
    await server.stop();
  });
});
