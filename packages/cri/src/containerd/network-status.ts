import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeStatus } from '../cri.ts';

type Condition = RuntimeStatus['conditions'][number];

/** Whether the CNI configuration folder has the network that sandboxes join. */
export function networkCondition(cniConfDir: string, network: string): Condition {
  const found = configurations(cniConfDir).some((text) => nameOf(text) === network);
  if (found) return { type: 'NetworkReady', status: true, reason: '', message: '' };
  const message = `no CNI network "${network}" is configured in ${cniConfDir}`;
  return { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message };
}

function configurations(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((file) => /\.(conflist|conf|json)$/.test(file));
    return files.map((file) => readFileSync(join(folder, file), 'utf8'));
  } catch {
    return [];
  }
}

function nameOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { name?: string }).name;
  } catch {
    return undefined;
  }
}
