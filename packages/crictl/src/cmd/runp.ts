import { readPodFile } from '../files/config-files.ts';
import { CommandError, doing } from '../report.ts';
import type { Session } from '../session.ts';
import { durationMs } from '../settings.ts';
import type { Verb } from '../verb.ts';

interface Options {
  runtime?: string;
  cancelTimeout?: string;
}

export const verb: Verb = {
  usage: 'pod-config.[json|yaml]',
  flags: (command) => {
    command
      .option('-r, --runtime <handler>', 'runtime handler to use, one of `crictl info`')
      .option('-T, --cancel-timeout <duration>', 'how long the runtime may take');
  },
  run: async (session, words, options: Options) => {
    const [path, ...more] = words;
    if (path === undefined || more.length > 0) throw new CommandError('one pod-config.[json|yaml] is wanted');
    session.out(`${await runPod(session, path, options)}\n`);
  },
};

/** Its id. */
export async function runPod(session: Session, path: string, { runtime = '', cancelTimeout }: Options): Promise<string> {
  const config = await readPodFile(path, (message) => session.say('warning', message));
  const deadline = limits(cancelTimeout);
  const { podSandboxId } = await doing('run pod sandbox', async () => (await session.cri()).runtime('RunPodSandbox', { config, runtimeHandler: runtime }, deadline));
  return podSandboxId;
}

/** None said, or 0: the connection's own. */
export function limits(cancelTimeout: string | undefined): { deadlineMs?: number } {
  const deadlineMs = cancelTimeout === undefined ? 0 : durationMs(cancelTimeout, 'cancel-timeout');
  return deadlineMs > 0 ? { deadlineMs } : {};
}
