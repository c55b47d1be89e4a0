import { it } from 'vitest';
import type { Scene } from './scene.ts';

/** The promises of `CriRuntime` that CRI v1, or a runtime that serves it, may have no means to keep. */
export type Lack =
  | 'domainname'
  | 'stopSignal'
  | 'hostsFile'
  | 'supplementalGroupsPolicy'
  | 'recursiveReadOnly'
  | 'pidsLimit'
  | 'heldOutput'
  | 'unreadStdin'
  | 'execStart'
  | 'execKill'
  | 'portForwardStart'
  | 'portForwardHalfClose';

/** Why, and the test of what happens instead. */
export type Lacks = Partial<Record<Lack, { why: string; instead: (scene: Scene) => Promise<void> }>>;

/** Registers what only some runtimes promise; for the others, what they do instead, once for each promise. */
export class Promises {
  readonly #scene: () => Scene;
  readonly #lacks: Lacks;
  readonly #shown = new Set<Lack>();

  constructor(scene: () => Scene, lacks: Lacks) {
    this.#scene = scene;
    this.#lacks = lacks;
  }

  it(promise: Lack, title: string, test: () => Promise<void>): void {
    const lack = this.#lacks[promise];
    if (lack === undefined) it(title, test);
    else if (!this.#shown.has(promise)) it(`${title}: not here, ${lack.why}`, () => lack.instead(this.#scene()));
    this.#shown.add(promise);
  }
}
