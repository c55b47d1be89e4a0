import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContainerSecurityContext } from '../cri.ts';
import { errorCode } from './scene.ts';
import type { Promises } from './promises.ts';
import type { Scene } from './scene.ts';

const status = (field: string) => `grep '^${field}:' /proc/self/status | tr -d '\\t '`;

export function securityContract(scene: () => Scene, promises: Promises): void {
  /** One script under each context, all in one sandbox. */
  async function under(contexts: (ContainerSecurityContext | undefined)[], script: string): Promise<string[]> {
    const sandbox = await scene().run(scene().sandboxConfig({ privileged: contexts.some((context) => context?.privileged) }));
    const run = (securityContext: ContainerSecurityContext | undefined) => scene().script(script, securityContext === undefined ? {} : { securityContext }, sandbox);
    return (await Promise.all(contexts.map(run))).map(({ text }) => text);
  }

  function profile(content: unknown): string {
    const path = join(scene().fixture.folder, `${randomUUID()}.json`);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  describe('seccomp', () => {
    it('keeps a process from what the runtime\'s profile forbids, unless it is unconfined', async () => {
      const addCapabilities = ['SYS_ADMIN'];
      const script = `${status('Seccomp')}; unshare -U true 2>&1 || true; unshare -m true 2>/dev/null && echo mounts`;
      const [normal, explicit, unconfined, admin, privileged] = await under(
        [undefined, { seccomp: { type: 'RuntimeDefault' } }, { seccomp: { type: 'Unconfined' } }, { addCapabilities }, { privileged: true, seccomp: { type: 'RuntimeDefault' } }],
        script,
      );
      expect(normal).toBe('Seccomp:2\nunshare: unshare(0x10000000): Operation not permitted');
      expect(explicit).toBe(normal);
      expect(unconfined).toMatch(/^Seccomp:0/);
      expect(admin).toMatch(/^Seccomp:2[^]*mounts$/);
      expect(privileged).toMatch(/^Seccomp:0/);
    });

    it('follows a profile of the node', async () => {
      const localhostRef = profile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }] });
      const [text] = await under([{ seccomp: { type: 'Localhost', localhostRef } }], 'mkdir /made 2>&1; touch /made && echo touched');
      expect(text).toBe("mkdir: can't create directory '/made': Operation not permitted\ntouched");
    });

    it('refuses a profile that is none, and the sandbox takes the next container', async () => {
      const sandbox = await scene().run();
      for (const localhostRef of [join(scene().fixture.folder, 'absent.json'), profile('all')]) {
        const config = scene().containerConfig({ securityContext: { seccomp: { type: 'Localhost', localhostRef } } });
        expect(await errorCode(scene().runtime.createContainer(sandbox.id, config, sandbox.config))).toBe('InvalidArgument');
      }
      await scene().start(sandbox);
    });
  });

  describe('security', () => {
    it('gives and takes capabilities', async () => {
      const texts = await under(
        [undefined, { addCapabilities: ['NET_ADMIN'] }, { dropCapabilities: ['chown'] }, { dropCapabilities: ['ALL'] }, { dropCapabilities: ['ALL'], addCapabilities: ['CAP_CHOWN'] }, { addCapabilities: ['ALL'], dropCapabilities: ['NET_RAW'] }],
        `${status('CapEff')}; ip link add dummy0 type dummy 2>/dev/null; ip link set lo mtu 60000 2>/dev/null && echo net; chown 1 /tmp 2>/dev/null && echo chown`,
      );
      expect(texts.map((text) => text.split('\n').slice(1).join(' '))).toEqual(['chown', 'net chown', '', '', 'chown', 'net chown']);
      expect(texts.map((text) => text.split('\n')[0])).toMatchObject({ 0: 'CapEff:00000000a80425fb', 1: 'CapEff:00000000a80435fb', 3: 'CapEff:0000000000000000', 4: 'CapEff:0000000000000001' });
    });

    it('lets a privileged process do what the node can: devices, kernel settings, mounts', async () => {
      const script = 'ls /dev | wc -l; [ -w /proc/sys/kernel/hostname ] && mount -t tmpfs x /tmp && echo mounted; grep -c " /proc/[a-z]" /proc/mounts';
      const [normal, privileged] = (await under([undefined, { privileged: true }], script)).map((text) => text.split('\n'));
      expect(normal?.[1]).toMatch(/^[1-9]/);
      expect(privileged?.slice(1)).toEqual(['mounted', '0']);
      expect(Number(privileged?.[0])).toBeGreaterThan(Number(normal?.[0]));
    });

    it('masks and protects /proc unless told not to', async () => {
      const script = '[ -c /proc/timer_list ] && echo masked; grep -c "^proc /proc/sys proc ro" /proc/mounts';
      expect(await under([undefined, { procMount: 'Unmasked' }], script)).toEqual(['masked\n1', '0']);
    });

    it('keeps a process from new privileges when asked', async () => {
      expect(await under([undefined, { noNewPrivileges: true }], status('NoNewPrivs'))).toEqual(['NoNewPrivs:0', 'NoNewPrivs:1']);
    });

    it('has a profile of AppArmor only where the kernel has AppArmor', async () => {
      const hasAppArmor = existsSync('/sys/module/apparmor');
      const sandbox = await scene().run();
      await scene().start(sandbox, { securityContext: { appArmor: { type: 'RuntimeDefault' } } });
      const config = scene().containerConfig({ metadata: { name: 'strict', attempt: 0 }, securityContext: { appArmor: { type: 'Localhost', localhostRef: 'no-such-profile' } } });
      const error = await scene().runtime.createContainer(sandbox.id, config, sandbox.config).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(hasAppArmor ? 'apparmor profile not found no-such-profile' : 'apparmor is not supported') as string });
    });
  });

  describe('user', () => {
    const image = () => scene().fixture.images.accounts;

    it('and groups are the image\'s, those asked for over them, and stand in the status', async () => {
      const sandbox = await scene().run();
      const seen = async (securityContext: ContainerSecurityContext) => {
        const metadata = { name: randomUUID(), attempt: 0 };
        const id = await scene().start(sandbox, { image: image(), metadata, securityContext });
        const { user } = await scene().runtime.containerStatus(id);
        const { stdout } = await scene().runtime.execSync(id, ['sh', '-c', 'id -u; id -g; grep ^Groups: /proc/self/status'], 10);
        // The kernel sorts the groups.
        const sorted = user?.supplementalGroups.toSorted((one, other) => one - other);
        expect(stdout.toString().split('\n').map((line) => line.trim())).toEqual([String(user?.uid), String(user?.gid), `Groups:\t${sorted?.join(' ')}`, '']);
        return { ...user, supplementalGroups: sorted };
      };
      const answers = await Promise.all([
        seen({}),
        seen({ supplementalGroups: [7] }),
        seen({ runAsUser: 33, runAsGroup: 8 }),
        seen({ runAsUser: 0 }),
        seen({ runAsUser: 4242, supplementalGroups: [7] }),
      ]);
      expect(answers).toEqual([
        { uid: 33, gid: 34, supplementalGroups: [34, 50, 60] },
        { uid: 33, gid: 34, supplementalGroups: [7, 34, 50, 60] },
        { uid: 33, gid: 8, supplementalGroups: [8, 50, 60] },
        { uid: 0, gid: 0, supplementalGroups: [0, 60] },
        { uid: 4242, gid: 0, supplementalGroups: [0, 7] },
      ]);
    });

    promises.it('supplementalGroupsPolicy', 'is in no group of the image\'s when those asked for are all', async () => {
      const securityContext = { supplementalGroups: [7], supplementalGroupsPolicy: 'Strict' as const };
      expect((await scene().script('id -G', { image: image(), securityContext })).text).toBe('34 7');
    });

    it('of the image is known without running it', async () => {
      expect((await scene().runtime.imageStatus(image()))?.user).toEqual({ username: 'web' });
      expect((await scene().runtime.imageStatus(scene().fixture.images.toolbox))?.user).toBeUndefined();
    });
  });

  describe('mounts', () => {
    const folder = (name: string): string => join(scene().fixture.sharedFolder, name, randomUUID());

    it('pass later mounts on as far as their propagation says', async () => {
      const hostPath = folder('propagation');
      mkdirSync(join(hostPath, 'below'), { recursive: true });
      const sandbox = await scene().run(scene().sandboxConfig({ privileged: true }));
      const listener = (name: string, propagation: 'PRIVATE' | 'HOST_TO_CONTAINER') =>
        scene().start(sandbox, { metadata: { name, attempt: 0 }, mounts: [{ hostPath, containerPath: '/at', readonly: false, propagation }] });
      const [deaf, listening] = await Promise.all([listener('deaf', 'PRIVATE'), listener('listening', 'HOST_TO_CONTAINER')]);
      const speaking = { securityContext: { privileged: true }, mounts: [{ hostPath, containerPath: '/at', readonly: false, propagation: 'BIDIRECTIONAL' as const }] };
      const heard = async (id: string) => (await scene().runtime.execSync(id, ['ls', '/at/below'], 10)).stdout.toString().trim();
      await scene().script('mount -t tmpfs x /at/below && touch /at/below/seen', speaking, sandbox);
      expect([await heard(deaf), await heard(listening), existsSync(join(hostPath, 'below/seen'))]).toEqual(['', 'seen', true]);
      await scene().script('umount /at/below', speaking, sandbox);
      expect([await heard(listening), existsSync(join(hostPath, 'below/seen'))]).toEqual(['', false]);
    });

    promises.it('recursiveReadOnly', 'that are recursively read-only protect what is mounted below', async () => {
      const hostPath = folder('readonly');
      mkdirSync(join(hostPath, 'below'), { recursive: true });
      const sandbox = await scene().run(scene().sandboxConfig({ privileged: true }));
      const speaking = { securityContext: { privileged: true }, mounts: [{ hostPath, containerPath: '/at', readonly: false, propagation: 'BIDIRECTIONAL' as const }] };
      await scene().script('mount -t tmpfs x /at/below', speaking, sandbox);
      const mounts = [false, true].map((recursiveReadOnly) => ({ hostPath, containerPath: `/at-${String(recursiveReadOnly)}`, readonly: true, recursiveReadOnly }));
      const { text } = await scene().script('touch /at-false/x || echo refused; touch /at-false/below/x && echo written; touch /at-true/below/x || echo refused', { mounts }, sandbox);
      expect(text.split('\n')).toEqual(['refused', 'written', 'refused']);
      await scene().script('umount /at/below', speaking, sandbox);
    });

    it('are not recursively read-only together with what would undo that', async () => {
      const sandbox = await scene().run();
      const mount = { hostPath: scene().fixture.sharedFolder, containerPath: '/at', readonly: true, recursiveReadOnly: true };
      const wrong = [{ ...mount, readonly: false }, { ...mount, propagation: 'HOST_TO_CONTAINER' as const }, { ...mount, propagation: 'BIDIRECTIONAL' as const }];
      for (const mounts of wrong.map((one) => [one])) {
        expect(await errorCode(scene().runtime.createContainer(sandbox.id, scene().containerConfig({ mounts }), sandbox.config))).toBe('InvalidArgument');
      }
    });

    it('of a folder that is not there make it, and links of the node are followed', async () => {
      const hostPath = folder('made');
      const link = join(scene().fixture.folder, randomUUID());
      symlinkSync(hostPath, link);
      const sandbox = await scene().run();
      await scene().script('echo x > /at/file', { mounts: [{ hostPath, containerPath: '/at', readonly: false }] }, sandbox);
      const { text } = await scene().script('cat /at/file', { mounts: [{ hostPath: link, containerPath: '/at', readonly: true }] }, sandbox);
      expect(text).toBe('x');
    });
  });
}
