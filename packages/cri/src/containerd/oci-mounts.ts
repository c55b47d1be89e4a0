import type { Mount } from '../cri.ts';
import type { SandboxGround } from './oci-spec.ts';

export interface OciMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

/** Parents before children, so that a mount never hides a later one. A container's own mount wins over the sandbox's file. */
export function ociMounts(mounts: readonly Mount[], sandbox: SandboxGround, writableKernel: boolean): OciMount[] {
  const own = mounts.map(bindMount);
  const taken = new Set(own.map(({ destination }) => destination));
  const base = [...kernelMounts(writableKernel), ...sandboxMounts(sandbox)].filter(({ destination }) => !taken.has(destination));
  return [...base, ...own.toSorted((left, right) => depth(left.destination) - depth(right.destination))];
}

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}

function kernelMounts(writable: boolean): OciMount[] {
  const hidden = ['nosuid', 'noexec', 'nodev'];
  const access = writable ? 'rw' : 'ro';
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: hidden },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: hidden },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...hidden, access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...hidden, 'relatime', access] },
  ];
}

function sandboxMounts(sandbox: SandboxGround): OciMount[] {
  const file = (destination: string, source: string): OciMount => ({ destination, source, type: 'bind', options: ['rbind', 'rprivate', 'rw'] });
  return [
    { ...file('/dev/shm', sandbox.shmPath), options: ['rbind', 'rprivate', 'rw', 'nosuid', 'nodev', 'noexec'] },
    file('/etc/hosts', sandbox.hostsPath),
    file('/etc/resolv.conf', sandbox.resolvConfPath),
    file('/etc/hostname', sandbox.hostnamePath),
  ];
}

const propagations = { PRIVATE: 'rprivate', HOST_TO_CONTAINER: 'rslave', BIDIRECTIONAL: 'rshared' } as const;

/** Both the type and the option say bind: runc needs the option. */
function bindMount(mount: Mount): OciMount {
  const access = mount.readonly ? (mount.recursiveReadOnly ? 'rro' : 'ro') : 'rw';
  const options = ['rbind', propagations[mount.propagation ?? 'PRIVATE'], access];
  return { destination: mount.containerPath, type: 'bind', source: mount.hostPath, options };
}
