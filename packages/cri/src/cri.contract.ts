import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { containerContract } from './contract/container.contract.ts';
import { eventContract } from './contract/event.contract.ts';
import { execContract, execProcessContract } from './contract/exec.contract.ts';
import { groundContract } from './contract/ground.contract.ts';
import { imageContract } from './contract/image.contract.ts';
import { logContract } from './contract/log.contract.ts';
import { namespaceContract } from './contract/namespace.contract.ts';
import { processContract } from './contract/process.contract.ts';
import { resourcesContract, resourcesProcessContract } from './contract/resources.contract.ts';
import { runtimeContract } from './contract/runtime.contract.ts';
import { sandboxContract } from './contract/sandbox.contract.ts';
import { securityContract } from './contract/security.contract.ts';
import { statsContract, statsProcessContract } from './contract/stats.contract.ts';
import { streamContract } from './contract/stream.contract.ts';
import { Promises } from './contract/promises.ts';
import type { Lacks } from './contract/promises.ts';
import { Scene } from './contract/scene.ts';
import type { CriFixture } from './contract/scene.ts';

export type { Lack, Lacks } from './contract/promises.ts';
export { Scene } from './contract/scene.ts';
export type { CriFixture } from './contract/scene.ts';

export interface CriContractOptions {
  /** False for a runtime in memory: then what only a process can show is left out. */
  runsProcesses: boolean;
  /** Promises that it does not keep, of those that a runtime may lack. Default: none. */
  lacks?: Lacks;
}

/** The promises of `CriRuntime`, which every implementation keeps. */
export function criContract(name: string, createRuntime: () => Promise<CriFixture>, options: CriContractOptions): void {
  describe(`CRI contract: ${name}`, () => {
    let scene: Scene;
    const promises = new Promises(() => scene, options.lacks ?? {});

    beforeAll(async () => {
      scene = new Scene(await createRuntime());
    });
    afterEach(() => scene.clear());
    afterAll(() => scene.fixture.cleanup());

    runtimeContract(() => scene);
    sandboxContract(() => scene);
    containerContract(() => scene);
    eventContract(() => scene);
    imageContract(() => scene);
    execContract(() => scene);
    resourcesContract(() => scene);
    statsContract(() => scene);
    if (options.runsProcesses) {
      processContract(() => scene, promises);
      groundContract(() => scene, promises);
      namespaceContract(() => scene, promises);
      securityContract(() => scene, promises);
      logContract(() => scene);
      execProcessContract(() => scene, promises);
      resourcesProcessContract(() => scene, promises);
      streamContract(() => scene, promises);
      statsProcessContract(() => scene);
    }
  });
}
