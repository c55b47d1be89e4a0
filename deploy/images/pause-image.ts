import type { ImageContent } from './oci-archive.ts';

export const pauseRef = 'podling.local/pause:1';

/** The sandbox's image: one process that waits and reaps, as unprivileged user. */
export function pauseImage(catatonit: Buffer): ImageContent {
  return {
    ref: pauseRef,
    files: [{ type: 'file', name: 'catatonit', data: catatonit, mode: 0o755 }],
    entrypoint: ['/catatonit', '-P'],
    user: '65535:65535',
  };
}
