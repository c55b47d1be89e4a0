import type { Container, EphemeralContainer, VolumeMount } from '../container.ts';
import type { FieldError } from '../errors.ts';
import { duplicates, eachOf, forbidden, invalid, notFound, required } from './field-errors.ts';
import { checkDescending } from './paths.ts';

type AnyContainer = Container | EphemeralContainer;

export function validateMounts(container: AnyContainer, volumeNames: ReadonlySet<string>, path: string): FieldError[] {
  const { volumeMounts, volumeDevices } = container;
  return [
    ...eachOf(volumeMounts, `${path}.volumeMounts`, (mount, at) => validateMount(mount, container, volumeNames, at)),
    ...duplicates(volumeMounts, (mount) => mount.mountPath, (mount, index) =>
      invalid(`${path}.volumeMounts[${index}].mountPath`, mount.mountPath, 'must be unique'),
    ),
    ...eachOf(volumeDevices, `${path}.volumeDevices`, (device, at) => [
      ...validateVolumeName(device.name, volumeNames, `${at}.name`),
      ...(device.devicePath === '' ? [required(`${at}.devicePath`)] : []),
    ]),
  ];
}

function validateMount(mount: VolumeMount, container: AnyContainer, volumeNames: ReadonlySet<string>, path: string): FieldError[] {
  const { name, mountPath, subPath, subPathExpr } = mount;
  const isExclusive = subPath && subPathExpr;
  return [
    ...validateVolumeName(name, volumeNames, `${path}.name`),
    ...(mountPath === '' ? [required(`${path}.mountPath`)] : []),
    ...checkDescending(`${path}.subPath`, subPath),
    ...(isExclusive ? [invalid(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive')] : []),
    ...checkDescending(`${path}.subPathExpr`, subPathExpr),
    ...validatePropagation(mount, container, `${path}.mountPropagation`),
  ];
}

function validateVolumeName(name: string, volumeNames: ReadonlySet<string>, path: string): FieldError[] {
  if (name === '') return [required(path)];
  return volumeNames.has(name) ? [] : [notFound(path, name)];
}

function validatePropagation(mount: VolumeMount, container: AnyContainer, path: string): FieldError[] {
  if (mount.mountPropagation !== 'Bidirectional' || container.securityContext?.privileged) return [];
  return [forbidden(path, 'Bidirectional mount propagation is available only to privileged containers')];
}
