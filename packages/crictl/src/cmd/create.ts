import type { Command } from 'commander';
import { readContainerFile, readPodFile } from '../files/config-files.ts';
import type { AuthFlags } from '../files/pull-auth.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import type { Verb } from '../verb.ts';
import { pullFlags, pullImage } from './pull.ts';
import { limits } from './runp.ts';

export interface CreateOptions extends AuthFlags {
  /** Undefined unless told; false by `--no-pull`. */
  pull?: false;
  withPull?: boolean;
  cancelTimeout?: string;
  pullTimeout?: string;
}

export const verb: Verb = {
  usage: 'POD container-config.[json|yaml] pod-config.[json|yaml]',
  flags: createFlags,
  run: async (session, words, options: CreateOptions) => {
    const [pod, container, podFile, ...more] = words;
    if (pod === undefined || container === undefined || podFile === undefined || more.length > 0) throw new CommandError('a pod, its container-config.[json|yaml] and its pod-config.[json|yaml] are wanted');
    const files = { container, pod: podFile };
    session.out(`${await doing('creating container', () => createContainer(session, pod, files, options, session.settings.pullImageOnCreate))}\n`);
  },
};

export function createFlags(command: Command): void {
  pullFlags(command)
    .option('--no-pull', 'do not pull the image, whatever crictl.yaml says')
    .option('--with-pull', 'pull the image, whatever crictl.yaml says')
    .option('-T, --cancel-timeout <duration>', 'how long the runtime may take for the container');
}

/** Its id. `pulls` is what holds where the flags say nothing. */
export async function createContainer(session: Session, podSandboxId: string, files: { container: string; pod: string }, options: CreateOptions, pulls: boolean): Promise<string> {
  const withPull = pullWanted(options, pulls);
  const warn = (message: string): void => session.say('warning', message);
  const [config, sandboxConfig] = await Promise.all([readContainerFile(files.container, warn), readPodFile(files.pod, warn)]);
  if (withPull) {
    const { image } = config.image;
    const volumes = (config.mounts ?? []).flatMap((mount) => (mount.image?.image ? [mount.image.image] : []));
    for (const one of [image, ...volumes]) {
      session.say('info', `Pulling container image: ${one}`);
      await pullImage(session, { image: one }, { ...options, sandboxConfig });
    }
  }
  const { containerId } = await (await session.cri()).runtime('CreateContainer', { podSandboxId, config, sandboxConfig }, limits(options.cancelTimeout));
  return containerId;
}

function pullWanted({ pull, withPull = false }: CreateOptions, otherwise: boolean): boolean {
  if (pull === false && withPull) throw new CommandError('conflict: no-pull and with-pull are both set');
  return withPull || (pull !== false && otherwise);
}
