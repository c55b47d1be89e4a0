import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

export function groundContract(scene: () => Scene, promises: Promises): void {
  describe('shared ground of a sandbox', () => {
    it('[A4] [E1] containers share network, hostname and /dev/shm, and have mounts and processes of their own', async () => {
      const sandbox = await scene().run(scene().sandboxConfig({ hostname: 'shared-name' }));
      await scene().start(sandbox, { command: ['sh', '-c', 'echo hello > /dev/shm/note; echo mine > /tmp/own; while :; do echo from-web | nc -l -p 8080; done'] });
      const script = 'hostname; until nc -w 1 127.0.0.1 8080 </dev/null; do sleep 0.1; done; cat /dev/shm/note; ls /tmp/own 2>/dev/null || echo absent; echo $$';
      const { text } = await scene().script(script, {}, sandbox);
      expect(text.split('\n')).toEqual(['shared-name', 'from-web', 'hello', 'absent', '1']);
    });

    it('[A7] resolv.conf and hostname are in place before the process starts', async () => {
      const dns = { servers: ['10.96.0.10', '10.0.0.1'], searches: ['default.svc.cluster.local', 'cluster.local'], options: ['ndots:5'] };
      const sandbox = await scene().run(scene().sandboxConfig({ hostname: 'named', dns }));
      const { text } = await scene().script('cat /etc/resolv.conf; cat /etc/hostname', {}, sandbox);
      expect(text.split('\n')).toEqual(['search default.svc.cluster.local cluster.local', 'nameserver 10.96.0.10', 'nameserver 10.0.0.1', 'options ndots:5', 'named']);
    });

    promises.it('hostsFile', '[A7] a hosts file of the pod\'s own is in place before the process starts', async () => {
      const sandbox = await scene().run(scene().sandboxConfig({ hostname: 'named' }));
      const { ip } = await scene().runtime.podSandboxStatus(sandbox.id);
      const { text } = await scene().script('cat /etc/hosts', {}, sandbox);
      expect(text.split('\n')).toEqual(expect.arrayContaining(['127.0.0.1\tlocalhost', `${ip}\tnamed`]));
    });

    promises.it('hostsFile', '[A7] one pod\'s names are not in another\'s hosts file', async () => {
      const first = await scene().run(scene().sandboxConfig({ hostname: 'first-pod' }));
      const second = await scene().run(scene().sandboxConfig({ hostname: 'second-pod' }));
      const seen = [await scene().script('cat /etc/hosts', {}, first), await scene().script('cat /etc/hosts', {}, second)];
      expect(seen.map(({ text }) => [text.includes('first-pod'), text.includes('second-pod')])).toEqual([[true, false], [false, true]]);
    });

    it('a mount over /etc/hosts wins', async () => {
      const hostPath = join(scene().fixture.folder, `hosts-${randomUUID()}`);
      writeFileSync(hostPath, '10.0.0.9 mine\n');
      const { text } = await scene().script('cat /etc/hosts', { mounts: [{ hostPath, containerPath: '/etc/hosts', readonly: false }] });
      expect(text).toBe('10.0.0.9 mine');
    });
  });
}
