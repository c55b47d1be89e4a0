import type { ContainerStatus } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { podOf } from '../testing/runtime-objects.ts';
import { limitMessages } from './message-limit.ts';

const ended = (name: string, message: string): ContainerStatus => ({
  name, image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, message } }, lastState: {},
});

describe('limitMessages', () => {
  it('gives each container its share of 12 KiB and cuts no character in two', () => {
    const pod = podOf([{ name: 'a' }, { name: 'b' }], { initContainers: [{ name: 'i' }, { name: 'j' }] });
    const [long, wide, short] = limitMessages(pod, [ended('a', 'x'.repeat(4096)), ended('b', 'xä'.repeat(2000)), ended('i', 'short')]);
    expect(long?.state?.terminated?.message).toBe('x'.repeat(3072));
    expect(wide?.state?.terminated?.message).toBe('xä'.repeat(1024));
    expect(short?.state?.terminated?.message).toBe('short');
  });
});
