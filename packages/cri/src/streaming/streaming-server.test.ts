import { createLogger } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import { StreamingServer } from './streaming-server.ts';

describe('StreamingServer', () => {
  it.each(['192.0.2.1:0', 'not a host', '127.0.0.1:70000'])('names the flag when it cannot listen at %j', async (address) => {
    const server = new StreamingServer({ runtime: {} as never, address, logger: createLogger('test', 'silent') });
    await expect(server.start()).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(`--streaming-address ${address}: `) as string });
  });
});
