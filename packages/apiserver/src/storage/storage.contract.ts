/** The suite that every `Storage` passes: the promises of `storage.ts`, one test each. Called from test files only. */
import { afterEach, beforeEach, describe } from 'vitest';
import type { CreateFixture, StorageFixture } from './contract/fixture.ts';
import { describeLists } from './contract/lists.contract.ts';
import { describeModel } from './contract/model.contract.ts';
import { describeWatches } from './contract/watches.contract.ts';
import { describeWrites } from './contract/writes.contract.ts';

export type { StorageFixture } from './contract/fixture.ts';

/** Runs the suite on a fresh store per test. `name` heads the titles. */
export function storageContract(name: string, createFixture: CreateFixture): void {
  describe(`${name} as a Storage`, () => {
    let fixture: StorageFixture;
    const use = (): StorageFixture => fixture;

    beforeEach(async () => {
      fixture = await createFixture();
    });
    afterEach(async () => {
      await fixture.stop();
    });

    describeWrites(use);
    describeLists(use);
    describeWatches(use);
    describeModel(use);
  });
}
