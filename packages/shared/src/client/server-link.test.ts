import { afterEach, describe, expect, it, vi } from 'vitest';
import { ServerLink } from './server-link.ts';

afterEach(() => void vi.useRealTimers());

function newLink(): { link: ServerLink; closed: () => number } {
  const closeConnections = vi.fn<() => void>();
  return { link: new ServerLink(closeConnections), closed: () => closeConnections.mock.calls.length };
}

const error = new Error('silent');
const news = () => ({ sinceMs: performance.now(), holdMs: 1000 });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether the request has been let through by now. */
async function hasEntered(entering: Promise<void>): Promise<boolean> {
  let entered = false;
  void entering.then(() => (entered = true));
  await tick();
  return entered;
}

describe('ServerLink', () => {
  it('lets requests through while nothing is known against it', async () => {
    const { link } = newLink();
    expect(await hasEntered(link.enter(new AbortController()))).toBe(true);
  });

  it('ends what is under way and closes all connections when it falls silent', async () => {
    const { link, closed } = newLink();
    const [underWay, over] = [new AbortController(), new AbortController()];
    await link.enter(underWay);
    await link.enter(over);
    link.leave(over);
    link.silent(error, news());
    expect(underWay.signal.reason).toBe(error);
    expect(over.signal.aborted).toBe(false);
    expect(closed()).toBe(1);
    link.close(error);
  });

  it('holds new requests until it shows life, through several silences', async () => {
    const { link } = newLink();
    link.silent(error, news());
    const request = new AbortController();
    const entering = link.enter(request);
    link.silent(error, news());
    expect(await hasEntered(entering)).toBe(false);
    link.alive();
    expect(await hasEntered(entering)).toBe(true);
    expect(request.signal.aborted).toBe(false);
  });

  it('takes no notice of a watch that died of a silence already over', async () => {
    const { link } = newLink();
    const another = news();
    link.silent(error, news());
    link.alive();
    const request = new AbortController();
    await link.enter(request);
    link.silent(error, another);
    expect(request.signal.aborted).toBe(false);
    link.silent(error, news());
    expect(request.signal.reason).toBe(error);
    link.close(error);
  });

  it('stops holding when no watch has tried for a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { link } = newLink();
    link.silent(error, news());
    const entering = link.enter(new AbortController());
    vi.advanceTimersByTime(900);
    link.silent(error, news());
    vi.advanceTimersByTime(900);
    expect(await hasEntered(entering)).toBe(false);
    vi.advanceTimersByTime(100);
    expect(await hasEntered(entering)).toBe(true);
  });

  it('gives up a held request whose caller does', async () => {
    const { link } = newLink();
    link.silent(error, news());
    const request = new AbortController();
    const entering = link.enter(request);
    request.abort(new Error('too late'));
    await expect(entering).rejects.toThrow('too late');
    await expect(link.enter(request)).rejects.toThrow('too late');
    link.alive();
  });

  it('rejects held requests when the client closes, and is usable afterwards', async () => {
    const { link } = newLink();
    link.silent(error, news());
    const entering = link.enter(new AbortController());
    link.close(new Error('closed'));
    await expect(entering).rejects.toThrow('closed');
    expect(await hasEntered(link.enter(new AbortController()))).toBe(true);
  });
});
