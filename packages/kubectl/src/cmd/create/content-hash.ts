import { createHash } from 'node:crypto';
import { canonicalJson } from '../../printers/object.ts';

const REPLACED: Record<string, string> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/** Ten letters and digits that stand for the content, none of which can make a word. */
export function contentHash(content: Record<string, unknown>): string {
  const hex = createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 10);
  return hex.replaceAll(/[013ae]/g, (digit) => REPLACED[digit] ?? digit);
}
