import type { AuthConfig, FilesystemUsage, Image, ImageFsInfo } from '../cri.ts';
import type * as wire from '../v1/index.ts';
import type { Sent } from '../v1/index.ts';
import { nonsense } from './call-errors.ts';
import { count, milliseconds } from './numbers.ts';

export function image(message: wire.Image, call = 'ListImages'): Image {
  if (message.id === '') throw nonsense(call, 'an image has no id');
  const { id, repoTags, repoDigests, pinned } = message;
  return { id, repoTags, repoDigests, pinned, sizeBytes: Number(message.size), user: imageUser(message) };
}

function imageUser({ uid, username }: wire.Image): Image['user'] {
  if (username !== '') return { username };
  return uid === null ? undefined : { uid: Number(uid.value) };
}

export function authMessage(auth: AuthConfig): Sent<wire.AuthConfig> {
  const { username = '', password = '', serverAddress = '', identityToken = '', registryToken = '' } = auth;
  return { username, password, serverAddress, identityToken, registryToken };
}

/** Runtimes of before the containers' file system had one of its own have it where the images are. */
export function imageFsInfo({ imageFilesystems, containerFilesystems }: wire.ImageFsInfoResponse): ImageFsInfo {
  const imageFilesystem = imageFilesystems[0];
  if (imageFilesystem === undefined) throw nonsense('ImageFsInfo', 'it has no file system');
  return { imageFilesystem: filesystemUsage(imageFilesystem), containerFilesystem: filesystemUsage(containerFilesystems[0] ?? imageFilesystem) };
}

export function filesystemUsage(message: wire.FilesystemUsage): FilesystemUsage {
  return {
    timestampMs: milliseconds(message.timestamp),
    mountpoint: message.fsId?.mountpoint ?? '',
    usedBytes: count(message.usedBytes),
    inodesUsed: count(message.inodesUsed),
  };
}
