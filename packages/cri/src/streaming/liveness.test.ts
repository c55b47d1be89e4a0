import { FakeClock } from '@podling/shared/testing';
import { describe, expect, it } from 'vitest';
import { Liveness } from './liveness.ts';

const HOUR_MS = 60 * 60_000;
const BEAT_MS = 20_000;

/** The other side of a connection. */
class Peer {
  answers = true;
  listens = true;
  heard = 0;
  received = 0;
  sent = 0;
  ended = false;
  readonly clock = new FakeClock();
  readonly liveness: Liveness;

  constructor(idleMs = HOUR_MS) {
    const ping = (): void => void (this.heard += this.answers ? 1 : 0);
    this.liveness = new Liveness({
      ping, heard: () => this.heard + this.received, said: () => this.received + this.sent, sent: () => this.sent, listens: () => this.listens, end: () => (this.ended = true),
    }, idleMs, this.clock);
  }

  async beats(count: number): Promise<boolean> {
    await this.clock.advance(count * BEAT_MS);
    return this.ended;
  }
}

describe('the life of a connection', () => {
  it('goes on while the other side answers', async () => {
    expect(await new Peer().beats(100)).toBe(false);
  });

  it('ends two beats after it has vanished', async () => {
    const peer = new Peer();
    await peer.beats(3);
    peer.received += 1;
    peer.answers = false;
    expect(await peer.beats(1)).toBe(false);
    expect(await peer.beats(2)).toBe(true);
    expect(peer.clock.pendingTimers).toBe(0);
  });

  it('goes on while it reads what it was told, and answers nothing', async () => {
    const peer = new Peer();
    await peer.beats(3);
    // Just after its answer, so that the next beat hears that.
    peer.sent += 1;
    peer.answers = false;
    expect(await peer.beats(100)).toBe(false);
    peer.answers = true;
    await peer.beats(3);
    peer.answers = false;
    expect(await peer.beats(3)).toBe(true);
  });

  it('goes on while it cannot be heard, since nobody reads', async () => {
    const peer = new Peer();
    await peer.beats(3);
    [peer.answers, peer.listens] = [false, false];
    expect(await peer.beats(100)).toBe(false);
  });

  it('ends when nothing was said for long', async () => {
    const peer = new Peer(HOUR_MS);
    await peer.clock.advance(HOUR_MS / 2);
    peer.sent += 1;
    await peer.clock.advance(HOUR_MS - BEAT_MS);
    expect(peer.ended).toBe(false);
    await peer.clock.advance(2 * BEAT_MS);
    expect(peer.ended).toBe(true);
  });

  it('is watched no more once it has ended', () => {
    const peer = new Peer();
    peer.liveness.stop();
    expect(peer.clock.pendingTimers).toBe(0);
  });
});
