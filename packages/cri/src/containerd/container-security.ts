import { CriError } from '../cri.ts';
import type { ContainerSecurityContext } from '../cri.ts';
import { appArmorProfile } from './app-armor.ts';
import { capabilities } from './capabilities.ts';
import type { ContainerRecord } from './container-record.ts';
import { nodeDevices } from './devices.ts';
import type { ProcessSecurity, SandboxGround } from './oci-spec.ts';
import { maskedPaths } from '../proc-paths.ts';
import type { RecordStore } from './record-store.ts';
import type { SeccompProfiles } from './seccomp.ts';
import { isAlive, processOf } from './tasks.ts';
import type { Tasks } from './tasks.ts';

export interface ContainerSecurityOptions {
  records: RecordStore<ContainerRecord>;
  tasks: Tasks;
  seccompProfiles: SeccompProfiles;
}

/** Looks up what a container's security context comes to on this node. Fails with `InvalidArgument`. */
export async function processSecurity(context: ContainerSecurityContext = {}, ground: SandboxGround, options: ContainerSecurityOptions): Promise<ProcessSecurity> {
  const granted = capabilities(context);
  return {
    capabilities: granted,
    seccomp: await options.seccompProfiles.of(context, granted),
    appArmorProfile: appArmorProfile(context),
    devices: context.privileged === true ? nodeDevices() : [],
    maskedPaths: maskedPaths(),
    pid: await pidNamespace(context, ground, options),
  };
}

async function pidNamespace({ pid }: ContainerSecurityContext, ground: SandboxGround, { records, tasks }: ContainerSecurityOptions): Promise<ProcessSecurity['pid']> {
  if (pid === undefined || pid.mode === 'CONTAINER') return 'own';
  if (pid.mode === 'NODE') return 'node';
  if (pid.mode !== 'TARGET') return ground.pid;
  const isOurs = records.get(pid.targetId)?.podSandboxId === ground.id;
  const task = isOurs ? await tasks.get(pid.targetId) : undefined;
  if (!isAlive(task)) throw new CriError('InvalidArgument', `invalid target container: ${pid.targetId} does not run in sandbox ${ground.id}`);
  return processOf(task);
}
