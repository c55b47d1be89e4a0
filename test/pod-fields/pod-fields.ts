import type { FieldEntry, Proof } from './field-entry.ts';

const actedOn = (note: string, [file, title]: Proof, alias?: readonly string[]): FieldEntry => ({ state: 'acted on', note, shownBy: [file, title], ...(alias === undefined ? {} : { alias }) });
const refused = (note: string, [file, title]: Proof, alias?: readonly string[]): FieldEntry => ({ state: 'refused', note, shownBy: [file, title], ...(alias === undefined ? {} : { alias }) });
const stored = (note: string, alias?: readonly string[]): FieldEntry => ({ state: 'stored', note, ...(alias === undefined ? {} : { alias }) });

const e2e = (file: string) => (title: string): Proof => [`test/e2e/${file}.test.ts`, title];
const job = e2e('main-job');
const security = e2e('security-context');
const life = e2e('pod-life');
const probes = e2e('probes');
const volumes = e2e('volumes');
const objects = e2e('pod-objects');
const resize = e2e('resize');
const dns = e2e('dns');
const kubelet = (file: string) => (title: string): Proof => [`packages/kubelet/src/${file}.test.ts`, title];
const scheduling: Proof = ['packages/scheduler/src/framework/plugins/plugins.test.ts', 'wants one term to hold with all its parts, and an empty term never holds'];

const settings = job('[A3] obeys command, args, env, working directory, mounts, memory and cpu settings');
const held = security('holds for its processes: user, groups, capabilities, privileges, seccomp, root file system');
const names = security('sets its names and sysctls');
const onNode = security("puts it on the node\\'s network, among its processes, under its name");
const cannot = security('that the node cannot or may not give is refused with the reason');
const followed = volumes('follow their objects and labels while the pod runs, but for single files, until their container runs anew');
const objectEnvironment = objects('is in its files and its environment, and cannot be changed');
const resolvConf = dns('[A7] resolv.conf, hosts and hostname of %s are there when its processes start, the same in every container');
const refusedVolume = kubelet('volumes/volume-manager')('says what cannot be set up: %s');

const notEngine = 'SELinux and Windows are not what a node runs on';
const kinds = [
  'gcePersistentDisk', 'awsElasticBlockStore', 'azureFile', 'azureDisk', 'cinder', 'vsphereVolume', 'photonPersistentDisk', 'nfs', 'glusterfs', 'cephfs', 'quobyte',
  'flocker', 'gitRepo', 'iscsi', 'rbd', 'fc', 'portworxVolume', 'scaleIO', 'storageos', 'persistentVolumeClaim', 'ephemeral', 'csi', 'flexVolume', 'image',
];

/** By path in a pod's spec, without indexes. An entry holds for all that is in the field and has no entry of its own. */
export const podFields: Readonly<Record<string, FieldEntry>> = {
  'containers.name': actedOn('label of the container, folder of its logs', job('[A2] finds all containers of a pod by label and removes task, container and sandbox on delete')),
  'containers.image': actedOn('pulled by policy; a changed image restarts the container', e2e('registry')('[A5] over plain HTTP gives an image that is not on the node, once: afterwards it is there')),
  'containers.command': actedOn("replaces the image's ENTRYPOINT; `$(VAR)` is expanded", settings),
  'containers.args': actedOn("replaces the image's CMD; `$(VAR)` is expanded", settings),
  'containers.workingDir': actedOn('made if it is missing', settings),
  'containers.ports': actedOn('names for probes and hooks', probes('by http restart what does not answer well')),
  'containers.ports.hostPort': actedOn('led to the container by portmap; one pod at a time has it', e2e('network')('are had by one pod at a time, and are free when it is gone')),
  'containers.ports.hostIP': actedOn('the address on which the host port serves', e2e('network')('serve over TCP and UDP, to this machine and to pods of other nodes, on the address that is asked for')),
  'containers.ports.protocol': actedOn('of the host port', e2e('network')('serve over TCP and UDP, to this machine and to pods of other nodes, on the address that is asked for')),
  'containers.env': actedOn('values, fields, resources, keys of ConfigMaps and Secrets', objectEnvironment),
  'containers.env.valueFrom.fileKeyRef': refused('CreateContainerConfigError: not supported yet', kubelet('runtime/environment')('fails with %s'), ['is not supported yet']),
  'containers.envFrom': actedOn('all keys, with the prefix', objectEnvironment),
  'containers.resources': actedOn('cgroups, QoS class, room on the node, CPUs of its own, ephemeral storage', job('[A3] limits memory given as %s')),
  'containers.resources.claims': stored('dynamic resource allocation is not built', []),
  'containers.resizePolicy': actedOn('whether a resize restarts the container', resize('restarts a container whose policy wants that')),
  'containers.restartPolicy': actedOn('Always makes a sidecar of an init container; else it stands over the policy of the pod', life('follow the rules of the container over the policy of the pod')),
  'containers.restartPolicyRules': actedOn('by exit code', life('follow the rules of the container over the policy of the pod')),
  'containers.volumeMounts': actedOn('path and access', settings),
  'containers.volumeMounts.recursiveReadOnly': actedOn('what is mounted below is read-only too', kubelet('runtime/container-mounts')('makes what is mounted below read-only too, where a mount wants a recursive one')),
  'containers.volumeMounts.mountPropagation': actedOn('both ways', volumes('hand a mount of one container to another, if both want it')),
  'containers.volumeMounts.subPath': actedOn('a part of the volume; no link leads out of it', volumes('give a container a part of them, made if it is missing')),
  'containers.volumeMounts.subPathExpr': actedOn('the same, with variables of the container', volumes('give a container a part of them, made if it is missing')),
  'containers.volumeDevices': refused('CreateContainerConfigError: block volumes are not supported', kubelet('runtime/container-mounts')('has no block volumes: volumeDevices are refused')),
  'containers.livenessProbe': actedOn('exec, httpGet, tcpSocket, grpc, all times; a failure restarts the container', probes('by http restart what does not answer well')),
  'containers.readinessProbe': actedOn('makes the pod ready and unready', probes('by exec make a pod ready and unready')),
  'containers.startupProbe': actedOn('holds the other two back; a failure restarts the container', probes('by tcp wait for a start, and look at readiness as soon as that is there')),
  'containers.lifecycle.postStart': actedOn('exec, httpGet, tcpSocket, sleep; a failure ends the container', life('end the container when postStart fails, with what the hook said')),
  'containers.lifecycle.preStop': actedOn('within the grace period', life('come around the life of the process, within its grace period')),
  'containers.lifecycle.stopSignal': actedOn("instead of the image's", life('come around the life of the process, within its grace period')),
  'containers.terminationMessagePath': actedOn('read when the container has ended, 4 KiB at most', life('are taken from the file, or from the log of a failed container, and lead nowhere else')),
  'containers.terminationMessagePolicy': actedOn('FallbackToLogsOnError takes the end of the log', life('are taken from the file, or from the log of a failed container, and lead nowhere else')),
  'containers.imagePullPolicy': actedOn('Always, IfNotPresent, Never', e2e('bad-input')('[A5] imagePullPolicy Never refuses an image that is not there')),
  'containers.securityContext.seLinuxOptions': stored(notEngine),
  'containers.securityContext.windowsOptions': stored(notEngine),
  'containers.securityContext.runAsUser': actedOn('over that of the pod', held),
  'containers.securityContext.runAsGroup': actedOn('over that of the pod', held),
  'containers.securityContext.runAsNonRoot': actedOn('compared with the user that would run, also with that of the image', cannot),
  'containers.securityContext.seccompProfile': actedOn('RuntimeDefault, Unconfined, Localhost', held),
  'containers.securityContext.appArmorProfile': actedOn('where the kernel has AppArmor; else the pod is refused', kubelet('pod/security-admission')('refuses a pod with a profile where the kernel has no AppArmor')),
  'containers.securityContext.capabilities': actedOn('added and dropped', held),
  'containers.securityContext.privileged': actedOn('all capabilities and devices, nothing masked', security('that asks for nothing gets what Kubernetes gives, and a privileged one all that the node has')),
  'containers.securityContext.readOnlyRootFilesystem': actedOn('', held),
  'containers.securityContext.allowPrivilegeEscalation': actedOn('false sets no_new_privs', held),
  'containers.securityContext.procMount': actedOn('Unmasked shows all of /proc', kubelet('runtime/security-context')('carries everything else through')),
  'containers.stdin': actedOn('open to whoever attaches', ['packages/cri/src/contract/stream.contract.ts', 'joins the streams of the process, and the log has it all']),
  'containers.stdinOnce': actedOn('ends with the first who attaches', ['packages/cri/src/contract/stream.contract.ts', 'ends stdin with the one who leaves, if it was asked for once']),
  'containers.tty': actedOn('a terminal in place of pipes', ['packages/cri/src/contract/process.contract.ts', 'has a terminal when asked, whose output is one stream']),
  initContainers: actedOn('one after the other, before the others', life('start before the job and one after the other, end after it in reverse, and do not keep the pod from completing')),
  ephemeralContainers: actedOn('started once, into the running pod', life('see the processes of their target and run once')),
  'ephemeralContainers.targetContainerName': actedOn('whose processes it sees', life('see the processes of their target and run once')),

  'volumes.name': actedOn('what mounts refer to', settings, ['volumes']),
  'volumes.hostPath': actedOn('all types', e2e('bad-input')('[E8] a hostPath of the wrong type waits with FailedMount, and starts once the cause is gone')),
  'volumes.emptyDir': actedOn('on disk or in memory; a pod past its limit is evicted', volumes('end a pod that puts more into one than its limit')),
  'volumes.secret': actedOn('in memory, follows the object', followed),
  'volumes.configMap': actedOn('follows the object', followed),
  'volumes.downwardAPI': actedOn('follows labels and annotations', followed),
  'volumes.projected': actedOn('all of them in one, with tokens that are renewed', followed),
  'volumes.projected.sources.clusterTrustBundle': refused('FailedMount: there are no bundles', refusedVolume),
  'volumes.projected.sources.podCertificate': refused('FailedMount: nobody signs', refusedVolume),
  ...Object.fromEntries(kinds.map((kind) => [`volumes.${kind}`, refused('FailedMount: not supported', refusedVolume, ['kindOf'])])),

  restartPolicy: actedOn('with a pause that grows', life('come with a growing pause and say what the last end was')),
  terminationGracePeriodSeconds: actedOn('one for all that is done at the end', job('stops with SIGTERM within the grace period, and with SIGKILL after it')),
  activeDeadlineSeconds: actedOn('the pod becomes Failed, DeadlineExceeded', life('ends the pod, which says why')),
  readinessGates: actedOn('conditions of others that Ready waits for', kubelet('pod-life')('hold back Ready, not ContainersReady, until others say so')),
  nodeName: actedOn('set by the scheduler', job('[M1] [M2] [M3] is stored, bound, started and reported with a complete status')),
  hostname: actedOn('cut to 63 characters', names),
  subdomain: actedOn('makes a domain name with the namespace', names),
  setHostnameAsFQDN: actedOn('the hostname with its domain', names),
  hostnameOverride: actedOn('stands over hostname', kubelet('runtime/etc-hosts')('has localhost, then the pod by %s, and no more')),
  serviceAccountName: actedOn('whose token the pod has', e2e('in-pod-client')('has token, authority and namespace where Kubernetes puts them, and nowhere to write')),
  serviceAccount: actedOn('the old name of serviceAccountName', e2e('in-pod-client')('has token, authority and namespace where Kubernetes puts them, and nowhere to write')),
  automountServiceAccountToken: actedOn('false leaves the token out', ['packages/apiserver/src/api-tests/service-account-admission.test.ts', 'mounts where the pod wants it although the account does not']),
  imagePullSecrets: actedOn('those that are for the registry, the closest first', e2e('registry')('[A5] over TLS with a password gives its images to pods that show it: by a secret of their own or of their account')),
  hostNetwork: actedOn('no network of its own', onNode),
  hostPID: actedOn("the node's processes", onNode),
  hostIPC: actedOn("the node's ipc namespace", onNode),
  hostUsers: refused('FailedCreatePodSandBox for false: no user namespaces', cannot),
  shareProcessNamespace: actedOn('containers see each other', security("lets its containers see each other\\'s processes only when they share them")),
  'securityContext.seLinuxOptions': stored(notEngine),
  'securityContext.windowsOptions': stored(notEngine),
  'securityContext.seLinuxChangePolicy': stored(notEngine),
  'securityContext.runAsUser': actedOn('of all containers', held),
  'securityContext.runAsGroup': actedOn('of all containers', held),
  'securityContext.runAsNonRoot': actedOn('of all containers', cannot),
  'securityContext.seccompProfile': actedOn('of all containers', held),
  'securityContext.appArmorProfile': actedOn('of all containers', kubelet('pod/security-admission')('refuses a pod with a profile where the kernel has no AppArmor')),
  'securityContext.supplementalGroups': actedOn('further groups of every process', held),
  'securityContext.supplementalGroupsPolicy': actedOn("Strict leaves the image's groups out", kubelet('runtime/security-context')('carries everything else through')),
  'securityContext.fsGroup': actedOn('owns volumes, is a group of every process', held),
  'securityContext.fsGroupChangePolicy': stored("changes nothing for the node's own volumes, as in Kubernetes"),
  'securityContext.sysctls': actedOn("those of the pod's namespaces; unsafe ones if the node allows them", names),
  hostAliases: actedOn('lines of /etc/hosts', resolvConf),
  dnsPolicy: actedOn('ClusterFirst, ClusterFirstWithHostNet, Default, None', resolvConf),
  dnsConfig: actedOn('over the policy, within limits', resolvConf),
  enableServiceLinks: actedOn('false leaves the variables of services out', kubelet('kubelet-objects')('tell of kubernetes alone where the pod wants no links')),
  runtimeClassName: actedOn('runc; other handlers are refused', cannot),
  os: stored('every node runs Linux', []),
  nodeSelector: actedOn('scheduler, and once more on the node', ['packages/scheduler/src/framework/plugins/plugins.test.ts', 'wants every label of the nodeSelector']),
  'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution': actedOn('scheduler, and once more on the node', scheduling, ['requiredNodeAffinity']),
  'affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution': stored('comes with the scheduler\'s own work'),
  'affinity.podAffinity': stored('comes with the scheduler\'s own work'),
  'affinity.podAntiAffinity': stored('comes with the scheduler\'s own work'),
  schedulerName: actedOn('pods of other schedulers are left to them', ['packages/scheduler/src/scheduler.test.ts', 'leaves a pod alone %s']),
  tolerations: actedOn('scheduler, and NoExecute once more on the node', ['packages/scheduler/src/framework/plugins/plugins.test.ts', 'refuses a cordoned node unless that is tolerated']),
  priorityClassName: actedOn('admission turns it into priority', ['packages/apiserver/src/api-tests/priority-class.test.ts', 'give pods their priority, and refuse what they do not know']),
  priority: actedOn('order of the queue; order of a graceful shutdown and of evictions; a critical pod makes room for itself on its node', ['packages/scheduler/src/queue/scheduling-queue.test.ts', 'hands out the highest priority first, then the oldest']),
  preemptionPolicy: stored('there is no preemption', []),
  topologySpreadConstraints: stored('comes with the scheduler\'s own work'),
  schedulingGates: actedOn('the scheduler waits', ['packages/scheduler/src/scheduler.test.ts', 'places a gated pod when its gates are gone']),
  schedulingGroup: stored('comes with the scheduler\'s own work'),
  overhead: actedOn('counted as a request, part of the cgroup', kubelet('cm/container-resources')('has %s')),
  resources: actedOn('of the pod as a whole: QoS class, cgroup, room on the node; resized with the containers only', kubelet('cm/container-resources')('has %s')),
  resourceClaims: stored('dynamic resource allocation is not built'),
};
