import type { Image } from '@podling/cri';
import type { Container, PodSecurityContext } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { verifyRunAsNonRoot } from './run-as-non-root.ts';

const where = '(pod: "web_default(uid-1)", container: main)';

function verify(own: Container['securityContext'], common: PodSecurityContext, user?: Image['user']): Promise<void> {
  const pod = buildPod({ name: 'web', uid: 'uid-1', spec: { securityContext: common } });
  const image: Image = { id: '', repoTags: [], repoDigests: [], sizeBytes: 1, user, pinned: false };
  return verifyRunAsNonRoot(pod, { name: 'main', ...(own && { securityContext: own }) }, { imageStatus: async () => image });
}

describe('runAsNonRoot', () => {
  it.each([
    ['the image has no user', {}, { runAsNonRoot: true }, undefined, 'container has runAsNonRoot and image will run as root'],
    ['the image runs as 0', { runAsNonRoot: true }, {}, { uid: 0 }, 'container has runAsNonRoot and image will run as root'],
    ['the image has a name', {}, { runAsNonRoot: true }, { username: 'web' }, 'container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root'],
    ['the container says 0', { runAsUser: 0 }, { runAsNonRoot: true, runAsUser: 7 }, { uid: 7 }, "container's runAsUser breaks non-root policy"],
    ['the image\'s is none', {}, { runAsNonRoot: true }, { uid: 2 ** 31 }, 'container has runAsNonRoot and image has an invalid user id (2147483648). (Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive'],
  ])('refuses where %s', async (_, own, common, user, message) => {
    await expect(verify(own, common, user)).rejects.toMatchObject({ name: 'ContainerConfigError', message: `${message} ${where}` });
  });

  it.each([
    ['nobody asks', {}, {}, undefined],
    ['the container takes it back', { runAsNonRoot: false }, { runAsNonRoot: true }, undefined],
    ['the image runs as another', {}, { runAsNonRoot: true }, { uid: 1000 }],
    ['the pod says another', {}, { runAsNonRoot: true, runAsUser: 1 }, { username: 'root' }],
  ])('is kept where %s', async (_, own, common, user) => {
    await expect(verify(own, common, user)).resolves.toBeUndefined();
  });
});
