import type { Command } from 'commander';
import { pullAuth } from '../files/pull-auth.ts';
import type { AuthFlags } from '../files/pull-auth.ts';
import { parsePairs } from '../listing/filters.ts';
import { table } from '../output/table.ts';
import { humanSize } from '../output/units.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb, VerbTable } from '../verb.ts';
import { imageListFlags, listImagesVerb } from './images.ts';

type Run = (session: Session, words: string[], options: never) => Promise<void>;

const entry = (summary: string, usage: string, run: Run, flags?: (command: Command) => void): VerbTable[string] => ({
  summary, load: async () => ({ usage, run: (session, words, options) => doing(`${summary.slice(0, 1).toLowerCase()}${summary.slice(1)}`, () => run(session, words, options)), ...(flags === undefined ? {} : { flags }) }),
});

/** Alone it lists images, as crictl's alias does; what is below it asks containerd itself. */
export const verb: Verb = {
  usage: '[REPOSITORY[:TAG]]',
  flags: imageListFlags,
  run: listImagesVerb,
  verbs: {
    import: entry('Import images from an OCI or docker archive', 'FILE...', importImages),
    export: entry('Export images to an archive', 'FILE IMAGE...', exportImages),
    mount: entry('Mount the files of an image read-only', 'IMAGE FOLDER', mount),
    unmount: entry('Unmount what was mounted', 'FOLDER', unmount),
    tag: entry('Give an image further names', 'IMAGE NAME... | --remove NAME...', tag, (command) => void command.option('--remove', 'take these names away; an image goes with its last')),
    label: entry('Set labels of an image', 'IMAGE KEY=VALUE... (KEY= takes one away)', label),
    push: entry('Push an image to its registry', 'IMAGE', push, authFlags),
    check: entry('Check that all of an image is there', '[IMAGE...]', check, (command) => void command.option('-q, --quiet', 'only the names of those that are complete and unpacked')),
  },
};

function authFlags(command: Command): void {
  command
    .option('--auth <text>', 'who pushes: USERNAME[:PASSWORD] in base64 [$CRICTL_AUTH]')
    .option('--creds <text>', 'who pushes: USERNAME[:PASSWORD] [$CRICTL_CREDS]')
    .option('-u, --username <name>', 'who pushes; the password is asked for');
}

async function importImages(session: Session, words: string[]): Promise<void> {
  if (words.length === 0) throw new CommandError('an archive is wanted');
  const { images } = await session.tools();
  for (const path of words) session.out(`${await images.import(path, session.io.interrupted)}\n`);
}

async function exportImages(session: Session, words: string[]): Promise<void> {
  const [path, ...references] = words;
  if (path === undefined || references.length === 0) throw new CommandError('a file and an image are wanted');
  await (await session.tools()).images.export(references, path, session.io.interrupted);
}

async function mount(session: Session, words: string[]): Promise<void> {
  const [reference, folder, ...more] = words;
  if (reference === undefined || folder === undefined || more.length > 0) throw new CommandError('an image and a folder are wanted');
  session.out(`${await (await session.tools()).images.mount(reference, folder)}\n`);
}

async function unmount(session: Session, words: string[]): Promise<void> {
  const [folder, ...more] = words;
  if (folder === undefined || more.length > 0) throw new CommandError('a folder is wanted');
  session.out(`${await (await session.tools()).images.unmount(folder)}\n`);
}

async function tag(session: Session, words: string[], { remove = false }: { remove?: boolean }): Promise<void> {
  const { images } = await session.tools();
  const [reference, ...names] = words;
  if (reference === undefined || (names.length === 0 && !remove)) throw new CommandError('an image and a name are wanted');
  for (const name of remove ? words : names) session.out(`${remove ? await images.untag(name) : await images.tag(reference, name)}\n`);
}

async function label(session: Session, words: string[]): Promise<void> {
  const [reference, ...pairs] = words;
  if (reference === undefined) throw new CommandError('an image and its labels are wanted');
  const labels = await (await session.tools()).images.label(reference, parsePairs(pairs));
  session.out(Object.keys(labels).toSorted().map((key) => `${key}=${labels[key]}\n`).join(''));
}

async function push(session: Session, words: string[], options: AuthFlags): Promise<void> {
  const [reference, ...more] = words;
  if (reference === undefined || more.length > 0) throw new CommandError('one image is wanted');
  const auth = await pullAuth(options, session.io);
  const { username, password } = auth?.auth ? splitAuth(auth.auth) : { username: auth?.username, password: auth?.password };
  await (await session.tools()).images.push(reference, username === undefined ? undefined : { username, password: password ?? '' }, session.io.interrupted);
}

function splitAuth(base64: string): { username: string; password: string } {
  const text = Buffer.from(base64, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? { username: text, password: '' } : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

async function check(session: Session, words: string[], { quiet = false }: { quiet?: boolean }): Promise<void> {
  const checks = await (await session.tools()).images.check(words);
  if (quiet) return session.out(checks.filter(({ status, unpacked }) => status === 'complete' && unpacked).map(({ name }) => `${name}\n`).join(''));
  const rows = checks.map(({ name, mediaType, digest, status, present, required, presentBytes, requiredBytes, unpacked }) => [
    name, mediaType, digest, `${status} (${present}/${required})`, `${humanSize(presentBytes, 3)}/${humanSize(requiredBytes, 3)}`, String(unpacked),
  ]);
  session.out(table([['REF', 'TYPE', 'DIGEST', 'STATUS', 'SIZE', 'UNPACKED'], ...rows]));
}
