import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeStatus } from '../cri.ts';

/** What is read of a CNI network configuration list. */
interface NetworkConfiguration {
  name?: string;
  plugins?: { type?: string; ipam?: { type?: string; dataDir?: string } }[];
}

type Condition = RuntimeStatus['conditions'][number];

/** Whether the CNI configuration folder has the network that sandboxes join. */
export function networkCondition(cniConfDir: string, network: string): Condition {
  if (networkConfiguration(cniConfDir, network) !== undefined) return { type: 'NetworkReady', status: true, reason: '', message: '' };
  const message = `no CNI network "${network}" is configured in ${cniConfDir}`;
  return { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message };
}

/** The first configuration of this network in the folder. */
export function networkConfiguration(cniConfDir: string, network: string): NetworkConfiguration | undefined {
  return configurations(cniConfDir).map(parse).find((configuration) => configuration?.name === network);
}

function configurations(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((file) => /\.(conflist|conf|json)$/.test(file));
    return files.map((file) => readFileSync(join(folder, file), 'utf8'));
  } catch {
    return [];
  }
}

function parse(text: string): NetworkConfiguration | undefined {
  try {
    return JSON.parse(text) as NetworkConfiguration;
  } catch {
    return undefined;
  }
}
