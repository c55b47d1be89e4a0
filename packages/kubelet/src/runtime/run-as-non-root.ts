import type { Image, ImageService } from '@podling/cri';
import { namespaceOf, uidOf, type Container, type Pod } from '@podling/shared/api';
import { ContainerConfigError } from './environment.ts';

const maxUserId = 2 ** 31 - 1;

/** Keeps a container from running as root that must not; fails with `ContainerConfigError`. Upstream twin: `verifyRunAsNonRoot`. */
export async function verifyRunAsNonRoot(pod: Pod, container: Container, images: Pick<ImageService, 'imageStatus'>): Promise<void> {
  const [own, common] = [container.securityContext ?? {}, pod.spec.securityContext ?? {}];
  if (!(own.runAsNonRoot ?? common.runAsNonRoot ?? false)) return;
  const runAsUser = own.runAsUser ?? common.runAsUser;
  const user = runAsUser === undefined ? (await images.imageStatus(container.image ?? ''))?.user : undefined;
  const problem = runAsUser === undefined ? imageProblem(user) : runAsUser === 0 ? "container's runAsUser breaks non-root policy" : undefined;
  if (problem === undefined) return;
  const where = `pod: "${pod.metadata.name}_${namespaceOf(pod)}(${uidOf(pod)})", container: ${container.name}`;
  throw new ContainerConfigError(`${problem} (${where})`);
}

function imageProblem(user: Image['user']): string | undefined {
  const has = 'container has runAsNonRoot and image';
  if (user === undefined) return `${has} will run as root`;
  if ('username' in user) return `${has} has non-numeric user (${user.username}), cannot verify user is non-root`;
  if (user.uid === 0) return `${has} will run as root`;
  const range = `must be between 0 and ${maxUserId}, inclusive`;
  return user.uid > maxUserId ? `${has} has an invalid user id (${user.uid}). (Must be 1-(${maxUserId})): ${range}` : undefined;
}
