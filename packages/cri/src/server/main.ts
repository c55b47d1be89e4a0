import { runProcess } from '@podling/shared/process';
import { createContainerdRuntime } from '../containerd/index.ts';
import { nativeOptions } from '../native-flags.ts';
import { StreamingServer } from '../streaming/index.ts';
import { createCriServer } from './cri-server.ts';
import { parseFlags } from './flags.ts';

await runProcess('cri-server', async ({ logger }) => {
  const flags = parseFlags(process.argv.slice(2));
  const runtime = createContainerdRuntime({ ...nativeOptions(flags), address: flags.containerdAddress, logger });
  const streaming = new StreamingServer({ runtime, address: flags.streamingAddress, logger });
  const server = createCriServer({ runtime, listen: flags.listen, urls: streaming, logger });
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
