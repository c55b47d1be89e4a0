import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../testing/index.ts';
import { Intake } from './intake.ts';

describe('the intake of a source', () => {
  let flows: boolean;
  let intake: Intake;
  const much = Buffer.alloc(100_000);

  beforeEach(() => {
    flows = true;
    intake = new Intake({ pause: () => (flows = false), resume: () => (flows = true) });
  });

  it('is stopped by any reader that has enough, until the last of them wants more', async () => {
    const [one, other] = [intake.reader(), intake.reader()];
    for (const reader of [one, other]) intake.give(reader, much);
    expect(flows).toBe(false);
    one.resume();
    await settle();
    expect(flows).toBe(false);
    other.resume();
    await settle();
    expect(flows).toBe(true);
  });

  it('waits for no reader that has gone, and drops what comes for it', async () => {
    const reader = intake.reader();
    intake.give(reader, much);
    reader.destroy();
    await settle();
    expect(flows).toBe(true);
    intake.give(reader, much);
    expect(flows).toBe(true);
  });
});
