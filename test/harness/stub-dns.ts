import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { execa } from 'execa';
import { bridgeName } from '@podling/deploy/local';

/** The DNS server that a test's cluster believes to be the machine's own. */
export interface StubDns {
  /** Names asked for so far. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** Where it listens: an address of the range for trials (RFC 2544) that follows from the cluster's name. */
export function stubDnsAddress(cluster: string): string {
  const [a = 0, b = 0] = createHash('sha256').update(cluster).digest();
  return `198.18.${a}.${1 + (b % 254)}`;
}

/** Answers A queries from `records`, and everything else with "no such name". The address is the bridge's and goes with it. */
export async function startStubDns(cluster: string, records: Record<string, string>): Promise<StubDns> {
  const address = stubDnsAddress(cluster);
  await execa('ip', ['address', 'replace', `${address}/32`, 'dev', bridgeName(cluster)]);
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { address: from, port }) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    socket.send(answerOf(query, end, records[name]), port, from);
  });
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    asked,
    async stop() {
      socket.close();
      await once(socket, 'close');
      await execa('ip', ['address', 'delete', `${address}/32`, 'dev', bridgeName(cluster)]);
    },
  };
}

/** Where a header of 12 bytes ends, labels follow, each after its length. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function answerOf(query: Buffer, end: number, address: string | undefined): Buffer {
  const isA = query.readUInt16BE(end - 4) === 1;
  const found = address !== undefined && isA;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (address === undefined ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found ? 1 : 0, 6);
  const record = found ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]) : Buffer.alloc(0);
  return Buffer.concat([header, query.subarray(12, end), record]);
}
