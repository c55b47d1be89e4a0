import { createFakeServer } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { RuntimeClasses } from './runtime-classes.ts';

function world() {
  const server = createFakeServer();
  let down = false;
  const get = (name: string) => (down ? Promise.reject(new Error('connection refused')) : server.runtimeClasses.client().get(name));
  const classes = new RuntimeClasses({ runtimeClasses: () => ({ ...server.runtimeClasses.client(), get }) });
  const put = (name: string, handler: string) => server.runtimeClasses.put({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler });
  return { classes, put, setDown: (value: boolean) => void (down = value) };
}

describe('runtime classes', () => {
  it('are the runtime\'s own choice without a name', async () => {
    const { classes } = world();
    expect([await classes.handler(undefined), await classes.handler('')]).toEqual(['', '']);
  });

  it('are read anew each time, and while that cannot be, as they were', async () => {
    const { classes, put, setDown } = world();
    put('mine', 'runc');
    expect(await classes.handler('mine')).toBe('runc');
    put('mine', 'runsc');
    expect(await classes.handler('mine')).toBe('runsc');
    setDown(true);
    expect(await classes.handler('mine')).toBe('runsc');
    await expect(classes.handler('other')).rejects.toThrow('failed to lookup RuntimeClass other: connection refused');
  });

  it('that are not there are told as Kubernetes does', async () => {
    await expect(world().classes.handler('gone')).rejects.toThrow('runtimeclass.node.k8s.io "gone" not found');
  });
});
