import type { VolumeProjection } from '../projected-volume.ts';
import { parseQuantity } from '../quantity.ts';
import type { Volume } from '../volume.ts';

const deprecated: [source: keyof Volume, field: string, detail: string][] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function warnVolumes(volumes: Volume[] = [], path: string): string[] {
  return [
    ...volumes.flatMap((volume, index) => [
      ...deprecated.filter(([source]) => volume[source] !== undefined).map(([, field, detail]) => `${path}[${index}].${field}: ${detail}`),
      ...warnClaim(volume, `${path}[${index}].ephemeral.volumeClaimTemplate.spec.resources`),
    ]),
    ...volumes.flatMap(warnOverlaps),
  ];
}

function warnClaim({ ephemeral }: Volume, path: string): string[] {
  const { resources } = ephemeral?.volumeClaimTemplate?.spec ?? {};
  return (['requests', 'limits'] as const).flatMap((what) => {
    const amount = resources?.[what]?.['storage'];
    const isFraction = amount !== undefined && parseQuantity(amount) % 1_000_000_000n !== 0n;
    return isFraction ? [`${path}.${what}[storage]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`] : [];
  });
}

interface PlacedFile {
  file: string;
  source: string;
}

/** Files of one volume that would lie in each other's place. */
function warnOverlaps({ name, configMap, secret, downwardAPI, projected }: Volume): string[] {
  const told = (what: string, files: PlacedFile[]) => overlapsOf(files).map((overlap) => `volume ${JSON.stringify(name)} (${what}): overlapping paths: ${overlap}`);
  return [
    ...told(`ConfigMap ${JSON.stringify(configMap?.name ?? '')}`, filesOf(configMap?.items)),
    ...told(`Secret ${JSON.stringify(secret?.secretName ?? '')}`, filesOf(secret?.items)),
    ...told('DownwardAPI', filesOf(downwardAPI?.items)),
    ...(projected?.sources ?? []).filter((source) => Object.keys(source).length === 0).map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`),
    ...told('Projected', (projected?.sources ?? []).flatMap(projectedFiles)),
  ];
}

const filesOf = (items: { path: string }[] | undefined, source = ''): PlacedFile[] => (items ?? []).map(({ path: file }) => ({ file, source }));

function projectedFiles({ configMap, secret, downwardAPI, serviceAccountToken: token, clusterTrustBundle: bundle, podCertificate }: VolumeProjection): PlacedFile[] {
  if (configMap?.items) return filesOf(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items) return filesOf(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items) return filesOf(downwardAPI.items, 'DownwardAPI');
  if (token) return [{ file: token.path, source: 'ServiceAccountToken' }];
  if (bundle) return [{ file: bundle.path, source: `ClusterTrustBundle ${JSON.stringify(bundle.name ?? bundle.signerName ?? '')}` }];
  const { certificateChainPath = '', keyPath = '', credentialBundlePath = '' } = podCertificate ?? {};
  return [
    { file: certificateChainPath, source: 'PodCertificate chain' }, { file: keyPath, source: 'PodCertificate key' },
    { file: credentialBundlePath, source: 'PodCertificate credential bundle' },
  ].filter(({ file }) => file !== '');
}

const describe = ({ file, source }: PlacedFile) => JSON.stringify(file) + (source === '' ? '' : ` (${source})`);
const isWithin = (inner: string, outer: string) => `${inner}/`.startsWith(`${outer}/`);

/** More than that no answer carries, so that nothing further is looked for. */
const MAX_FILES = 200;

function overlapsOf(files: PlacedFile[]): string[] {
  const placed = files.slice(0, MAX_FILES).map(({ file, source }) => ({ file: file.replace(/\/+$/, ''), source }));
  return placed.flatMap((one, index) => placed.slice(0, index)
    .filter((other) => one.file !== '' && other.file !== '' && (isWithin(one.file, other.file) || isWithin(other.file, one.file)))
    .map((other) => `${describe(one)} with ${describe(other)}`));
}
