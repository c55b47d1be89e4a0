import { describe, expect, it } from 'vitest';
import type { Event } from '../api/index.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { EventSpamFilter } from './event-spam-filter.ts';

const about = (name: string, message = ''): Event => ({ metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name }, message, source: { component: 'kubelet' } });

/** How many of so many Events are let through. */
function allowed(filter: EventSpamFilter, name: string, count: number): number {
  return Array.from({ length: count }, (_, index) => filter.allows(about(name, String(index)))).filter(Boolean).length;
}

describe('EventSpamFilter', () => {
  it('lets 25 Events about an object through, then one in five minutes', async () => {
    const clock = new FakeClock();
    const filter = new EventSpamFilter(clock);
    expect([allowed(filter, 'a', 100), allowed(filter, 'b', 5)]).toEqual([25, 5]);
    await clock.advance(299_000);
    clock.jump(3_600_000);
    expect(allowed(filter, 'a', 3)).toBe(0);
    await clock.advance(1_000);
    expect(allowed(filter, 'a', 3)).toBe(1);
    await clock.advance(100 * 300_000);
    expect(allowed(filter, 'a', 100)).toBe(25);
  });

  it('forgets whom it has not heard of for long', () => {
    const filter = new EventSpamFilter(new FakeClock());
    allowed(filter, 'a', 25);
    for (let index = 0; index < 4096; index += 1) filter.allows(about(`other-${index}`));
    expect(allowed(filter, 'a', 30)).toBe(25);
  });
});
