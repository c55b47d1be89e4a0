import { readFileSync } from 'node:fs';

/** Counters of one network interface. */
export interface InterfaceUsage {
  name: string;
  rxBytes: number;
  rxPackets: number;
  rxErrors: number;
  rxDropped: number;
  txBytes: number;
  txPackets: number;
  txErrors: number;
  txDropped: number;
}

/** The interfaces of the network namespace of a process, without loopback, the default one first; undefined when the process is gone. */
export function readNetworkUsage(pid: number | 'self'): InterfaceUsage[] | undefined {
  try {
    return parseNetworkUsage(readFileSync(`/proc/${pid}/net/dev`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** What a pod's own interface is called. */
const defaultInterface = 'eth0';

/** /proc/net/dev: a line per interface, sixteen figures behind its name. */
export function parseNetworkUsage(text: string): InterfaceUsage[] {
  const all = text.split('\n').flatMap((line) => {
    const [, name, figures] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || name === 'lo' || figures === undefined ? [] : [usageOf(name, figures.trim().split(/\s+/).map(Number))];
  });
  return all.toSorted((left, right) => Number(right.name === defaultInterface) - Number(left.name === defaultInterface));
}

function usageOf(name: string, figures: readonly number[]): InterfaceUsage {
  const at = (index: number): number => figures[index] ?? 0;
  return {
    name,
    rxBytes: at(0), rxPackets: at(1), rxErrors: at(2), rxDropped: at(3),
    txBytes: at(8), txPackets: at(9), txErrors: at(10), txDropped: at(11),
  };
}
