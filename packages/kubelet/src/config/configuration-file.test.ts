import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseKubeletConfig } from '../config.ts';
import { tempDir } from '../testing/temp-dir.ts';

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

async function fileOf(text: string): Promise<string> {
  const path = join(await tempDir(), 'config');
  await writeFile(path, text);
  return path;
}

const parse = async (text: string, ...flags: string[]) => parseKubeletConfig(['--config', await fileOf(text), ...flags]);

describe('KubeletConfiguration file', () => {
  it('takes effect, in YAML and in JSON', async () => {
    const text = `${head}maxPods: 7\nclusterDNS: [10.96.0.10]\nclusterDomain: podling.test\nstaticPodPath: /etc/kubernetes/manifests\nsyncFrequency: 90s\nnodeLeaseDurationSeconds: 20\n`;
    const settings = { maxPods: 7, clusterDns: ['10.96.0.10'], clusterDomain: 'podling.test', staticPodPath: '/etc/kubernetes/manifests', syncFrequencyMs: 90_000, nodeLeaseRenewIntervalMs: 5_000 };
    expect(await parse(text)).toMatchObject(settings);
    const json = JSON.stringify({ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', maxPods: 8, authentication: { x509: { clientCAFile: '/ca' } } });
    expect(await parse(json)).toMatchObject({ maxPods: 8, clientCaFile: '/ca' });
  });

  it('has Kubernetes\' defaults for the rest', async () => {
    const config = await parse(`${head}syncFrequency: 0s\n`);
    expect(config).toMatchObject({
      address: '0.0.0.0', port: 10250, healthzPort: 10248, syncFrequencyMs: 60_000, fileCheckFrequencyMs: 20_000, nodeStatusUpdateFrequencyMs: 10_000,
      nodeStatusReportFrequencyMs: 300_000, serializeImagePulls: true, seccompDefault: false, crashLoopMaxRestartPeriodMs: 300_000, resolvConf: '/etc/resolv.conf',
      authorizationMode: 'Webhook', authenticationTokenWebhook: true, allowedUnsafeSysctls: [], shutdownGracePeriods: [], warnings: [],
    });
  });

  it.each([
    ['maxParallelImagePulls: 4', { serializeImagePulls: false, maxParallelImagePulls: 4 }],
    ['nodeStatusUpdateFrequency: 30s', { nodeStatusUpdateFrequencyMs: 30_000, nodeStatusReportFrequencyMs: 30_000 }],
    ['shutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s', { shutdownGracePeriods: [{ priority: 0, seconds: 20 }, { priority: 2_000_000_000, seconds: 10 }] }],
    ['shutdownGracePeriodByPodPriority: [{priority: 9, shutdownGracePeriodSeconds: 1}, {priority: 0, shutdownGracePeriodSeconds: 2}]', { shutdownGracePeriods: [{ priority: 0, seconds: 2 }, { priority: 9, seconds: 1 }] }],
    ['evictionHard: {memory.available: 1Mi}\nenforceNodeAllocatable: []\nevictionPressureTransitionPeriod: 30s\nevictionMaxPodGracePeriod: 60', {
      eviction: { thresholds: [{ signal: 'memory.available', gracePeriodMs: 0 }], pressureTransitionPeriodMs: 30_000, maxPodGracePeriodSeconds: 60, localStorageCapacityIsolation: true },
    }],
    ['imageGCHighThresholdPercent: 90\nimageMaximumGCAge: 24h', { imageGc: { highThresholdPercent: 90, lowThresholdPercent: 80, minAgeMs: 120_000, maxAgeMs: 86_400_000 } }],
    ['containerLogMaxSize: 1Mi\ncontainerLogMaxFiles: 3', { containerLogs: { maxBytes: 1_048_576, maxFiles: 3, maxWorkers: 1, monitorPeriodMs: 10_000 } }],
    ['containerLogMaxSize: "-1"', { containerLogs: { maxBytes: Number.POSITIVE_INFINITY } }],
    ['crashLoopBackOff: {maxContainerRestartPeriod: 5s}', { crashLoopMaxRestartPeriodMs: 5_000 }],
    ['logging: {flushFrequency: 5000000000, options: {json: {infoBufferSize: "0"}}}', { warnings: ['logging.flushFrequency'] }],
  ])('understands %s', async (line, expected) => expect(await parse(head + line)).toMatchObject(expected));

  it('gives way to flags', async () => {
    const config = await parse(`${head}maxPods: 7\nport: 1234\naddress: 10.0.0.1\n`, '--max-pods=3', '--port=0');
    expect(config).toMatchObject({ maxPods: 3, port: 0, address: '10.0.0.1', configuration: { maxPods: 3 } });
  });

  it('warns once of each field it does not act on, and of no other', async () => {
    const { warnings } = await parse(`${head}maxPods: 7\nkernelMemcgNotification: true\nenableProfilingHandler: false\nmakeIPTablesUtilChains: true\nhttpCheckFrequency: 0s\n`);
    expect(warnings).toEqual(['enableProfilingHandler', 'kernelMemcgNotification', 'makeIPTablesUtilChains']);
  });

  it.each<[string, string, RegExp]>([
    ['an unknown field', `${head}authentication: {x509: {clientCa: /ca}}\nmaxPod: 1\n`, /strict decoding error: unknown field "authentication.x509.clientCa", unknown field "maxPod"/],
    ['a field that comes twice', `${head}maxPods: 1\nmaxPods: 2\n`, /key "maxPods" already set in map/],
    ['another kind', 'apiVersion: v1\nkind: Pod\n', /no kind "Pod" in version "v1"/],
    ['a wrong type', `${head}maxPods: many\n`, /maxPods: expected integer, got string/],
    ['the first of several wrong types', `${head}port: {}\nmaxPods: many\n`, /: port: expected integer, got object$/],
    ['a taint without an effect, once', `${head}registerWithTaints: [{key: a}]\n`, /^invalid Kubelet configuration: registerWithTaints\[0\].effect: [^,\]]*$/],
    ['no YAML', ': {', /error converting YAML to JSON/],
    ['two documents', `${head}maxPods: 1\n---\n${head}`, /error converting YAML to JSON: there is more than one document: the second begins on line 4$/],
    ['an empty file', '', /the file is empty/],
    ['all violations at once', `${head}syncFrequency: soon\nimageGCHighThresholdPercent: 101\nclusterDNS: [x]\nauthorization: {mode: Never}\ncontainerLogMaxFiles: 1\n`,
      /\[syncFrequency: Invalid value: "soon": must be a duration.*, authorization.mode: Unsupported value.*, clusterDNS\[0\]: Invalid value.*, imageGCHighThresholdPercent: .*, containerLogMaxFiles: .*\]/],
    ['thresholds that cannot be read', `${head}evictionHard: {disk.available: 1Gi}\nevictionSoft: {memory.available: much}\n`, /\[evictionHard\[disk.available\]: Invalid value: unsupported eviction signal disk.available, evictionSoft\[memory.available\]: /],
    ['a critical period longer than the whole', `${head}shutdownGracePeriod: 5s\nshutdownGracePeriodCriticalPods: 9s\n`, /shutdownGracePeriodCriticalPods: Invalid value: "9s"/],
    ['anonymous requests', `${head}authentication: {anonymous: {enabled: true}}\n`, /authentication.anonymous.enabled: Forbidden/],
  ])('is refused for %s', async (_, text, message) => {
    await expect(parse(text)).rejects.toThrow(message);
  });

  it('is named when it cannot be read', async () => {
    await expect(parse('x'.repeat(200_000))).rejects.toThrow(/failed to load Kubelet config file .*config: 200000 bytes are more than/);
    expect(() => parseKubeletConfig(['--config', '/nowhere'])).toThrow(/config file \/nowhere: ENOENT/);
  });
});
