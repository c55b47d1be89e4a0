import type { Toleration } from './affinity.ts';
import type { Taint } from './node.ts';

/**
 * Whether the toleration covers the taint. An empty key with `Exists` covers every taint, an empty effect every
 * effect. Kubernetes concept: "Taints and Tolerations".
 */
export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return operator === 'Equal' && key !== '' && value === (taint.value ?? '');
}
