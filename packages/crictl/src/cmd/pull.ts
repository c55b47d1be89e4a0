import type { Command } from 'commander';
import type { PodSandboxConfig, Sent } from '@podling/cri/v1';
import { readPodFile } from '../files/config-files.ts';
import { pullAuth } from '../files/pull-auth.ts';
import type { AuthFlags } from '../files/pull-auth.ts';
import { listed, parsePairs } from '../listing/filters.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import { durationMs } from '../settings.ts';
import type { Verb } from '../verb.ts';
import { showProgress } from './pull-progress.ts';
import type { ProgressMode } from './pull-progress.ts';

interface Options extends AuthFlags {
  annotation?: string[];
  podConfig?: string;
  pullTimeout?: string;
  progress?: ProgressMode;
}

export const verb: Verb = {
  usage: 'NAME[:TAG|@DIGEST]',
  flags: (command) => {
    pullFlags(command)
      .option('-a, --annotation <key=value>', 'annotation of the image that is asked for', listed)
      .option('--pod-config <path>', 'pod-config.[json|yaml] of the pod that the image is for');
  },
  run: async (session, words, { annotation, podConfig, ...options }: Options) => {
    const [name, ...more] = words;
    if (name === undefined || more.length > 0) throw new CommandError(more.length > 0 ? 'one image is wanted' : 'image name cannot be empty');
    const annotations = parsePairs(annotation);
    const sandboxConfig = podConfig === undefined ? undefined : await readPodFile(podConfig, (message) => session.say('warning', message));
    const imageRef = await doing('pulling image', () => pullImage(session, { image: name, annotations }, { ...options, ...(sandboxConfig ? { sandboxConfig } : {}) }));
    session.out(`Image is up to date for ${imageRef}\n`);
  },
};

/** Of every command that pulls. */
export function pullFlags(command: Command): Command {
  return command
    .option('--auth <text>', 'who pulls: USERNAME[:PASSWORD] in base64 [$CRICTL_AUTH]')
    .option('--creds <text>', 'who pulls: USERNAME[:PASSWORD] [$CRICTL_CREDS]')
    .option('-u, --username <name>', 'who pulls; the password is asked for')
    .option('--pt, --pull-timeout <duration>', 'how long the pull may take; 0 for ever [$CRICTL_PULL_TIMEOUT]')
    .option('--progress <mode>', 'how a pull is shown on standard error: tty, plain, none; auto is tty on a terminal and none elsewhere', 'auto');
}

/** The reference that the runtime knows it by. A pull has no deadline of its own. */
export async function pullImage(session: Session, image: { image: string; annotations?: Record<string, string> }, options: Options & { sandboxConfig?: Sent<PodSandboxConfig> }): Promise<string> {
  const { sandboxConfig, pullTimeout = session.io.env['CRICTL_PULL_TIMEOUT'], progress = 'auto' } = options;
  const timeoutMs = pullTimeout === undefined ? 0 : durationMs(pullTimeout, 'pull-timeout');
  if (timeoutMs < 0) throw new CommandError('timeout should be bigger than 0');
  const auth = await pullAuth(options, session.io);
  const cri = await session.cri();
  const stop = await showProgress(session, image.image, progress);
  try {
    const request = { image, ...(auth === undefined ? {} : { auth }), ...(sandboxConfig === undefined ? {} : { sandboxConfig }) };
    return (await cri.image('PullImage', request, { deadlineMs: timeoutMs > 0 ? timeoutMs : Infinity })).imageRef;
  } finally {
    await stop();
  }
}
