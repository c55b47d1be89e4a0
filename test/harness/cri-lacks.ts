import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Lacks, Scene } from '@podling/cri/contract';
import { expect } from 'vitest';

/** What CRI itself cannot say, whoever serves it. */
export const criLacks: Lacks = {
  domainname: {
    why: 'CRI has no field for it',
    instead: async (scene) => {
      const sandbox = await scene.run(scene.sandboxConfig({ domainname: 'sub.default.svc.cluster.local' }));
      expect((await scene.script('cat /proc/sys/kernel/domainname', {}, sandbox)).text).toBe(readFileSync('/proc/sys/kernel/domainname', 'utf8').trim());
    },
  },
  execStart: {
    why: 'only the end of a session tells',
    instead: async (scene) => {
      const session = await scene.runtime.exec(await scene.start(await scene.run()), { command: ['no-such-command'], tty: false, stdin: false, stdout: true, stderr: true });
      await expect(session.exited).rejects.toMatchObject({ code: 'StartError', message: expect.stringContaining('executable file not found in $PATH') as string });
    },
  },
  portForwardStart: {
    why: 'the connection itself tells',
    instead: async (scene) => {
      const connection = await scene.runtime.portForward((await scene.run()).id, 7001);
      await expect(text(connection)).rejects.toMatchObject({ code: 'Unavailable', message: expect.stringContaining('connection refused') as string });
    },
  },
  ...(existsSync('/sys/fs/cgroup/cgroup.controllers') ? {} : {
    pidsLimit: {
      why: 'CRI has no field for it on cgroup v1: the pod\'s cgroup has the limit',
      instead: async (scene: Scene) => {
        const id = await scene.start(await scene.run(), { linux: { pidsLimit: 50 } });
        const { stdout } = await scene.runtime.execSync(id, ['cat', '/sys/fs/cgroup/pids/pids.max'], 10);
        expect(stdout.toString()).toBe('max\n');
      },
    },
  }),
};
