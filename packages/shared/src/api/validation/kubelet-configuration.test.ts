import { describe, expect, it } from 'vitest';
import { defaultKubeletConfiguration } from '../defaults/kubelet-configuration.ts';
import type { KubeletConfiguration } from '../kubelet-configuration.ts';
import { validateKubeletConfiguration } from './kubelet-configuration.ts';

const fieldsOf = (configuration: KubeletConfiguration): string[] => validateKubeletConfiguration(defaultKubeletConfiguration(configuration)).map(({ field }) => field);

describe('validateKubeletConfiguration', () => {
  it('has nothing against the defaults', () => expect(fieldsOf({})).toEqual([]));

  it.each<[KubeletConfiguration, string[]]>([
    [{ port: 70_000, healthzPort: -1 }, ['port', 'healthzPort']],
    [{ imageGCLowThresholdPercent: 90 }, ['imageGCLowThresholdPercent']],
    [{ serializeImagePulls: true, maxParallelImagePulls: 3 }, ['maxParallelImagePulls']],
    [{ maxParallelImagePulls: 0 }, ['maxParallelImagePulls']],
    [{ enforceNodeAllocatable: ['pods', 'pods', 'kube-reserved', 'all'] }, ['enforceNodeAllocatable[1]', 'enforceNodeAllocatable[3]', 'kubeReservedCgroup']],
    [{ enforceNodeAllocatable: ['none', 'pods'], cgroupsPerQOS: false }, ['cgroupsPerQOS', 'enforceNodeAllocatable[0]']],
    [{ registerWithTaints: [{ key: 'a b', effect: 'NoSchedule' }] }, ['registerWithTaints[0].key']],
    [{ registerWithTaints: [{ key: 'a', effect: '' as 'NoSchedule' }, { key: 'b', effect: 'Never' as 'NoSchedule' }] }, ['registerWithTaints[0].effect', 'registerWithTaints[1].effect']],
    [{ shutdownGracePeriod: '500ms' }, ['shutdownGracePeriod']],
    [{ shutdownGracePeriod: '5s', shutdownGracePeriodByPodPriority: [{ priority: 1, shutdownGracePeriodSeconds: -1 }] }, ['shutdownGracePeriodByPodPriority', 'shutdownGracePeriodByPodPriority[0].shutdownGracePeriodSeconds']],
    [{ crashLoopBackOff: { maxContainerRestartPeriod: '10m' } }, ['crashLoopBackOff.maxContainerRestartPeriod']],
    [{ authentication: { webhook: { cacheTTL: '-1s' } }, logging: { format: 'xml' as 'text' } }, ['authentication.webhook.cacheTTL', 'logging.format']],
    [{ podLogsDir: 'logs/../x', containerLogMaxSize: 'big', containerLogMonitorInterval: '1s' }, ['containerLogMaxSize', 'containerLogMonitorInterval', 'podLogsDir']],
    [{ systemReserved: { cpu: 'x', gpu: '1' }, kubeReserved: { memory: '-1Gi', pid: '100' } }, ['kubeReserved[memory]', 'systemReserved[cpu]', 'systemReserved[gpu]']],
    [{ reservedSystemCPUs: '2-1' }, ['reservedSystemCPUs']],
    [{ reservedSystemCPUs: '0-1', kubeReservedCgroup: '/kube' }, ['reservedSystemCPUs']],
    [{ cpuManagerPolicyOptions: { 'full-pcpus-only': 'true' } }, ['cpuManagerPolicyOptions']],
    [{ cpuManagerPolicy: 'static', cpuManagerPolicyOptions: { 'full-pcpus-only': 'yes', 'align-by-socket': 'true' } }, ['cpuManagerPolicyOptions[align-by-socket]', 'cpuManagerPolicyOptions[full-pcpus-only]']],
    [{ topologyManagerPolicy: 'restricted', memoryManagerPolicy: 'Static', qosReserved: { memory: '50%' } }, ['memoryManagerPolicy', 'qosReserved', 'topologyManagerPolicy']],
    [{ memoryThrottlingFactor: 0, nodeLeaseDurationSeconds: -1, maxPods: -1 }, ['maxPods', 'memoryThrottlingFactor', 'nodeLeaseDurationSeconds']],
  ])('names each field of %j that is wrong', (configuration, fields) => expect(fieldsOf(configuration).sort()).toEqual([...fields].sort()));
});
