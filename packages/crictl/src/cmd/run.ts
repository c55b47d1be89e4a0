import { CommandError, doing } from '../report.ts';
import type { Verb } from '../verb.ts';
import { createContainer, createFlags } from './create.ts';
import type { CreateOptions } from './create.ts';
import { runPod } from './runp.ts';

export const verb: Verb = {
  usage: 'container-config.[json|yaml] pod-config.[json|yaml]',
  flags: (command) => {
    createFlags(command);
    command.option('-r, --runtime <handler>', 'runtime handler to use, one of `crictl info`');
  },
  run: async (session, words, options: CreateOptions & { runtime?: string }) => {
    const [container, pod, ...more] = words;
    if (container === undefined || pod === undefined || more.length > 0) throw new CommandError('a container-config.[json|yaml] and a pod-config.[json|yaml] are wanted');
    const { runtime, ...rest } = options;
    await doing('running container', async () => {
      const podSandboxId = await runPod(session, pod, runtime === undefined ? {} : { runtime });
      const containerId = await doing('creating container failed', () => createContainer(session, podSandboxId, { container, pod }, rest, !session.settings.disablePullOnRun));
      await doing(`starting the container ${JSON.stringify(containerId)}`, async () => (await session.cri()).runtime('StartContainer', { containerId }));
      session.out(`${containerId}\n`);
    });
  },
};
