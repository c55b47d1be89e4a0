import type { Container, EphemeralContainer, VolumeDevice, VolumeMount } from '../container.ts';
import type { FieldError } from '../errors.ts';
import type { Volume } from '../volume.ts';
import { checkMember, eachOf, forbidden, invalid, notFound, required } from './field-errors.ts';
import { checkDescending, checkNoBacksteps } from './paths.ts';

type AnyContainer = Container | EphemeralContainer;
/** The pod's volumes that are valid themselves, by name. */
export type Volumes = ReadonlyMap<string, Volume>;

/** Mounts, then raw devices. Some violations name the list and not the mount, as in Kubernetes. */
export function validateMounts(container: AnyContainer, volumes: Volumes, path: string): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container;
  return [
    ...validateMountList(volumeMounts, container, volumes, `${path}.volumeMounts`),
    ...validateDeviceList(volumeDevices, volumeMounts, volumes, `${path}.volumeDevices`),
  ];
}

function validateMountList(mounts: VolumeMount[], container: AnyContainer, volumes: Volumes, path: string): FieldError[] {
  const deviceNames = new Set(container.volumeDevices?.map(({ name }) => name));
  const devicePaths = new Set(container.volumeDevices?.map(({ devicePath }) => devicePath));
  const seen = new Set<string>();
  return eachOf(mounts, path, (mount, at) => {
    const { name, mountPath } = mount;
    const isRepeated = seen.has(mountPath);
    seen.add(mountPath);
    return [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(volumes.has(name) ? [] : [notFound(`${at}.name`, name)]),
      ...(mountPath === '' ? [required(`${at}.mountPath`)] : []),
      ...(isRepeated ? [invalid(`${at}.mountPath`, mountPath, 'must be unique')] : []),
      ...(deviceNames.has(name) ? [invalid(`${at}.name`, name, 'must not already exist in volumeDevices')] : []),
      ...(devicePaths.has(mountPath) ? [invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices')] : []),
      ...validateSubPaths(mount, at, path),
      ...validatePropagation(mount, container, `${path}.mountPropagation`),
      ...validateRecursion(mount, `${path}.recursiveReadOnly`),
    ];
  });
}

function validateSubPaths({ subPath, subPathExpr }: VolumeMount, at: string, list: string): FieldError[] {
  return [
    ...checkDescending(`${list}.subPath`, subPath),
    ...(subPath && subPathExpr ? [invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')] : []),
    ...checkDescending(`${list}.subPathExpr`, subPathExpr),
  ];
}

function validatePropagation({ mountPropagation }: VolumeMount, container: AnyContainer, path: string): FieldError[] {
  const needsPrivilege = mountPropagation === 'Bidirectional' && !container.securityContext?.privileged;
  return [
    ...checkMember(path, mountPropagation, ['Bidirectional', 'HostToContainer', 'None']),
    ...(needsPrivilege ? [forbidden(path, 'Bidirectional mount propagation is available only to privileged containers')] : []),
  ];
}

function validateRecursion({ recursiveReadOnly, readOnly, mountPropagation }: VolumeMount, path: string): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return [];
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible') return checkMember(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible']);
  const propagates = mountPropagation !== undefined && mountPropagation !== 'None';
  return [
    ...(readOnly ? [] : [forbidden(path, 'may only be specified when readOnly is true')]),
    ...(propagates ? [forbidden(path, 'may only be specified when mountPropagation is None or not specified')] : []),
  ];
}

function validateDeviceList(devices: VolumeDevice[], mounts: VolumeMount[], volumes: Volumes, path: string): FieldError[] {
  const mountNames = new Set(mounts.map(({ name }) => name));
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  const names = new Set<string>();
  const paths = new Set<string>();
  return eachOf(devices, path, ({ name, devicePath }, at) => {
    const climbs = checkNoBacksteps('', devicePath).length > 0;
    const errors = [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(names.has(name) ? [invalid(`${at}.name`, name, 'must be unique')] : []),
      ...validateBlockVolume(name, volumes.get(name), `${at}.name`),
      ...(devicePath === '' ? [required(`${at}.devicePath`)] : []),
      ...(paths.has(devicePath) ? [invalid(`${at}.devicePath`, devicePath, 'must be unique')] : []),
      ...(climbs ? [invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')")] : []),
      ...(mountNames.has(name) ? [invalid(`${at}.name`, name, 'must not already exist in volumeMounts')] : []),
      ...(mountPaths.has(devicePath) ? [invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts')] : []),
    ];
    if (!climbs) paths.add(devicePath);
    if (name !== '') names.add(name);
    return errors;
  });
}

function validateBlockVolume(name: string, volume: Volume | undefined, path: string): FieldError[] {
  if (!volume) return [notFound(path, name)];
  if (volume.persistentVolumeClaim ?? volume.ephemeral) return [];
  return [invalid(path, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode')];
}
