import type { Command } from 'commander';
import type { TlsFiles } from '../tls-files.ts';
import { CommandError } from '../report.ts';

/** Of the runtime's streaming server, and how it is spoken to. */
export interface StreamingFlags {
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
  tlsServerName?: string;
  transport: string;
}

export function streamingFlags(command: Command): Command {
  return command
    .option('--tls-ca <path>', "the streaming server's CA")
    .option('--tls-cert <path>', 'client certificate for it')
    .option('--tls-key <path>', 'its key')
    .option('--tls-sni, --tls-server-name <name>', "the name in the streaming server's certificate")
    .option('-r, --transport <protocol>', 'spdy: what all runtimes take', 'spdy');
}

/** Undefined: what holds for the endpoint. */
export function streamingTls({ tlsCa, tlsCert, tlsKey, tlsServerName: serverName, transport }: StreamingFlags): TlsFiles | undefined {
  if (transport !== 'spdy') throw new CommandError(`transport ${JSON.stringify(transport)} is not there: runtimes cannot end standard input over WebSocket, use spdy`);
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new CommandError('--tls-cert and --tls-key go together');
  if (tlsCa === undefined) {
    if (tlsCert !== undefined) throw new CommandError('--tls-ca is wanted with --tls-cert');
    return undefined;
  }
  return { caFile: tlsCa, ...(tlsCert === undefined ? {} : { certFile: tlsCert }), ...(tlsKey === undefined ? {} : { keyFile: tlsKey }), ...(serverName === undefined ? {} : { serverName }) };
}
