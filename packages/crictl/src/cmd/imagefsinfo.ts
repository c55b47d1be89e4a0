import { orderFields } from '@podling/cri/v1';
import type { FilesystemUsage } from '@podling/cri/v1';
import { printStatuses } from '../output/document.ts';
import { sanitize } from '@podling/shared/sanitize';
import { humanSize } from '../output/units.ts';
import { doing } from '../report.ts';
import type { Verb } from '../verb.ts';

export const verb: Verb = {
  flags: (command) => void command.option('-o, --output <format>', 'json, yaml or table', 'json'),
  run: async (session, _words, { output }: { output: string }) => {
    const answer = await doing('image filesystem info request', async () => (await session.cri()).image('ImageFsInfo', {}));
    if (output === 'table') return session.out(`${filesystems('Container', answer.containerFilesystems)}${filesystems('Image', answer.imageFilesystems)}`);
    session.out(await printStatuses([{ status: orderFields('ImageFsInfoResponse', answer), info: {} }], output));
  },
};

function filesystems(label: string, usages: readonly FilesystemUsage[]): string {
  const each = usages.map(({ timestamp, usedBytes, inodesUsed, fsId }, index) => [
    `TimeStamp[${index}]: ${timestamp}\n`, `Disk[${index}]: ${humanSize(Number(usedBytes?.value ?? 0))}\n`,
    `Inodes[${index}]: ${inodesUsed?.value ?? 0}\n`, `Mountpoint[${index}]: ${sanitize(fsId?.mountpoint ?? '')}\n`,
  ].join(''));
  return `${label} Filesystem \n${each.join('')}`;
}
