import { posix } from 'node:path';
import type { Pod } from '@podling/shared/api';

/**
 * Folders that must be in a volume because a container mounts another one there: nobody could make them later in a
 * volume that is read-only. Relative paths. Upstream twin: volume util `MakeNestedMountpoints`.
 */
export function nestedMountPoints({ spec }: Pod, volume: string): string[] {
  const nested = new Set<string>();
  for (const { volumeMounts = [] } of [...(spec.initContainers ?? []), ...spec.containers]) {
    const own = volumeMounts.filter(({ name, subPath = '' }) => name === volume && subPath === '');
    for (const { mountPath } of own) {
      for (const other of volumeMounts) {
        const relative = posix.relative(mountPath, other.mountPath);
        if (other.name !== volume && relative !== '' && !relative.startsWith('..')) nested.add(relative);
      }
    }
  }
  return [...nested].sort();
}
