import type { ContainerSecurityContext } from '@podling/cri';
import type { Container, Pod } from '@podling/shared/api';

/** The container's own settings over the pod's; undefined when neither asks for anything. */
export function containerSecurityContext(pod: Pod, { securityContext: own }: Container): ContainerSecurityContext | undefined {
  const runAsUser = own?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  const runAsGroup = own?.runAsGroup ?? pod.spec.securityContext?.runAsGroup;
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  const groups = fsGroup === undefined ? supplementalGroups : [fsGroup, ...supplementalGroups];
  const context: ContainerSecurityContext = {
    ...(own?.privileged === undefined ? {} : { privileged: own.privileged }),
    ...(own?.readOnlyRootFilesystem === undefined ? {} : { readonlyRootfs: own.readOnlyRootFilesystem }),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(groups.length === 0 ? {} : { supplementalGroups: groups }),
    ...(own?.capabilities?.add === undefined ? {} : { addCapabilities: own.capabilities.add }),
    ...(own?.capabilities?.drop === undefined ? {} : { dropCapabilities: own.capabilities.drop }),
    ...(own?.allowPrivilegeEscalation === undefined ? {} : { noNewPrivileges: !own.allowPrivilegeEscalation }),
  };
  return Object.keys(context).length === 0 ? undefined : context;
}
