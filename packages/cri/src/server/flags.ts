import { Command, InvalidArgumentError } from 'commander';
import { addNativeFlags } from '../native-flags.ts';
import type { NativeFlags } from '../native-flags.ts';
import { socketPath } from './listen-socket.ts';

/** What cri-server is told. The runtime's flags are the kubelet's. */
export interface CriServerFlags extends NativeFlags {
  listen: string;
  streamingAddress: string;
  containerdAddress: string;
}

/** Unknown flags and bad values end with a message. */
export function parseFlags(argv: readonly string[]): CriServerFlags {
  const command = new Command('cri-server')
    .description('serves nerdctl and containerd as a CRI v1 runtime')
    .requiredOption('--listen <endpoint>', 'the socket to serve CRI v1 on: unix:///run/podling/cri.sock', parseListen)
    .option('--streaming-address <host:port>', 'where exec, attach and port-forward are served, each under an address that is good once; port 0 takes a free one', '127.0.0.1:0')
    .option('--containerd-address <socket>', "containerd's socket", '/run/containerd/containerd.sock');
  addNativeFlags(command, { rootDir: '/var/lib/podling/cri', containerdNamespace: 'podling-cri' });
  return command.parse(argv, { from: 'user' }).opts<CriServerFlags>();
}

function parseListen(text: string): string {
  try {
    socketPath(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
