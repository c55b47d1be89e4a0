import { describe, expect, it } from 'vitest';
import { Background } from './background.ts';

describe('Background', () => {
  it('is told to end at once, and is waited for', async () => {
    const left = Promise.withResolvers<void>();
    const background: Background = new Background('the kubelet', () => left.promise);
    background.start();
    let stopped = false;
    const stopping = background.stop().then(() => void (stopped = true));
    expect(background.signal.reason).toEqual(new Error('the kubelet stops'));
    await Promise.resolve();
    expect(stopped).toBe(false);
    left.resolve();
    await stopping;
  });

  it('that never began has ended', async () => {
    await new Background('the kubelet', () => new Promise(() => undefined)).stop();
  });
});
