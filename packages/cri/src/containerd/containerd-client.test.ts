import { describe, expect, it } from 'vitest';
import { ContainerdClient } from './containerd-client.ts';

describe('ContainerdClient', () => {
  it('decodes an event by the name in its type URL, and knows which it cannot', () => {
    const client = new ContainerdClient({ address: '/nowhere.sock', namespace: 'test' });
    const value = Buffer.from([0x0a, 2, 0x63, 0x31, 0x12, 2, 0x63, 0x31, 0x20, 7]);
    expect(client.decode({ type_url: 'containerd.events.TaskExit', value })).toMatchObject({ containerId: 'c1', id: 'c1', exitStatus: 7 });
    expect(client.decode({ type_url: 'containerd.events.TaskPaused', value })).toBeUndefined();
    client.close();
  });

  it('fails as unavailable when nobody listens', async () => {
    const client = new ContainerdClient({ address: '/nowhere.sock', namespace: 'test' });
    await expect(client.call('tasks', 'list', {})).rejects.toMatchObject({ name: 'CriError', code: 'Unavailable' });
    client.close();
  });

  it('says in one line where nobody listens and what to do, whichever call it was', async () => {
    const client = new ContainerdClient({ address: '/nowhere.sock', namespace: 'test' });
    const message = 'no containerd answers at /nowhere.sock: start it, or name its socket (--containerd-address; of crictl native:///PATH)';
    for (const asked of [client.call('version', 'version', {}), client.call('tasks', 'list', {})]) {
      const error = await asked.then(() => expect.unreachable(), (reason: unknown) => reason as Error);
      expect([error.message, error.stack, error.cause]).toEqual([message, `CriError: ${message}`, undefined]);
    }
    client.close();
  });
});
