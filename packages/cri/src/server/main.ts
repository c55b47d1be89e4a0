import { runProcess } from '@podling/shared/process';
import { createContainerdRuntime } from '../containerd/index.ts';
import { StreamingServer } from '../streaming/index.ts';
import { createCriServer } from './cri-server.ts';
import { parseFlags } from './flags.ts';

await runProcess('cri-server', async ({ logger }) => {
  const { listen, streamingAddress, containerdAddress, containerdStateDir, pauseImage, ...rest } = renamed(parseFlags(process.argv.slice(2)));
  const runtime = createContainerdRuntime({ ...rest, address: containerdAddress, stateDir: containerdStateDir, pauseImage, logger });
  const streaming = new StreamingServer({ runtime, address: streamingAddress, logger });
  const server = createCriServer({ runtime, listen, urls: streaming, logger });
  await streaming.start();
  await server.start();
  return {
    stop: async () => {
      await server.stop();
      await streaming.stop();
      await runtime.close();
    },
  };
});

/** The runtime's own names. */
function renamed({ containerdNamespace: namespace, podInfraContainerImage: pauseImage, cniNetwork: network, cgroupDriver: cgroupManager, ...rest }: ReturnType<typeof parseFlags>) {
  return { ...rest, namespace, pauseImage, network, cgroupManager };
}
