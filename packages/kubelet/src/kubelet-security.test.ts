import type { Pod } from '@podling/shared/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { image, KubeletBench } from './testing/kubelet-bench.ts';
import { tempDir } from './testing/temp-dir.ts';

let bench: KubeletBench;

beforeEach(async () => void (bench = new KubeletBench(await tempDir())));
afterEach(() => bench.stop());

const sandboxOf = async (): Promise<string> => (await bench.runtime.listPodSandboxes())[0]?.id ?? '';

describe("a pod's namespaces", () => {
  it('of the node: the pod has the node\'s address, and no host port is forwarded', async () => {
    await bench.start();
    bench.put({ hostNetwork: true, hostIPC: true, hostPID: true, containers: [{ name: 'web', image, ports: [{ containerPort: 80, hostPort: 80 }] }] });
    await bench.running();
    expect(bench.pod().status).toMatchObject({ podIP: '127.0.0.9', podIPs: [{ ip: '127.0.0.9' }], hostIP: '127.0.0.9' });
    const { namespaces, portMappings } = bench.runtime.sandboxConfig(await sandboxOf());
    expect([namespaces, portMappings]).toEqual([{ network: 'NODE', ipc: 'NODE', pid: 'NODE' }, []]);
    expect(bench.runtime.containerConfig(bench.id()).securityContext?.pid).toEqual({ mode: 'NODE' });
  });

  it('of the node do not wait for the pods\' network', async () => {
    await bench.start([`--subnet-file=${bench.root}/absent`]);
    bench.put({ hostNetwork: true }, 'host');
    bench.put();
    await bench.running('host');
    await eventually(() => expect(bench.events('NetworkNotReady')).toHaveLength(1));
    expect(await bench.runtime.listPodSandboxes()).toHaveLength(1);
  });

  it('carry its names and sysctls', async () => {
    await bench.start(['--allowed-unsafe-sysctls=kernel.msg*']);
    const sysctls = [{ name: 'kernel/msgmax', value: '1' }, { name: 'net.ipv4.tcp_syncookies', value: '0' }];
    bench.put({ hostname: 'a', subdomain: 'b', setHostnameAsFQDN: true, shareProcessNamespace: true, securityContext: { sysctls } });
    await bench.running();
    expect(bench.runtime.sandboxConfig(await sandboxOf())).toMatchObject({
      hostname: 'a.b.default.svc.cluster.local', domainname: 'b.default.svc.cluster.local', namespaces: { network: 'POD', ipc: 'POD', pid: 'POD' },
      sysctls: { 'kernel.msgmax': '1', 'net.ipv4.tcp_syncookies': '0' },
    });
    expect(bench.runtime.containerConfig(bench.id()).securityContext?.pid).toEqual({ mode: 'POD' });
  });
});

describe('what a node cannot give', () => {
  const long = 'n'.repeat(63);

  it.each<[string, Partial<Pod['spec']>, string]>([
    ['user namespaces', { hostUsers: false }, "can't set `spec.hostUsers: false`, runtime does not support user namespaces"],
    ['a class that is not there', { runtimeClassName: 'kata' }, 'runtimeclass.node.k8s.io "kata" not found'],
    ['a handler of which it has none', { runtimeClassName: 'gvisor' }, 'failed to get sandbox runtime: no runtime for "runsc" is configured'],
    ['a name too long', { hostname: long, subdomain: 'b', setHostnameAsFQDN: true }, `failed to construct FQDN from pod hostname and cluster domain, FQDN ${long}.b.default.svc.cluster.local is too long (64 characters is the max, 91 characters requested)`],
  ])('keeps a pod from its sandbox: %s', async (_, spec, message) => {
    await bench.start();
    bench.server.runtimeClasses.put({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'gvisor' }, handler: 'runsc' });
    bench.put(spec);
    await eventually(() => expect(bench.events('FailedCreatePodSandBox')).toEqual([`Failed to create pod sandbox: ${message}`]));
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
  });

  it.each<[string, Partial<Pod['spec']>, string]>([
    ['SysctlForbidden', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
    ['AppArmor', { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'x' } } }, 'Cannot enforce AppArmor: AppArmor is not enabled on the host'],
  ])('refuses the pod: %s', async (reason, spec, message) => {
    await bench.start();
    bench.put(spec);
    await eventually(() => expect(bench.pod().status).toMatchObject({ phase: 'Failed', reason, message: `Pod was rejected: ${message}` }));
    expect(bench.events(reason)).toHaveLength(1);
    expect(await bench.runtime.listPodSandboxes()).toEqual([]);
  });

  it('runs a pod of a class whose handler it has', async () => {
    bench.server.runtimeClasses.put({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'plain' }, handler: 'runc' });
    await bench.start();
    bench.put({ runtimeClassName: 'plain' });
    await bench.running();
  });

  it('keeps a container waiting that must not be root', async () => {
    await bench.start();
    bench.put({ securityContext: { runAsNonRoot: true } });
    const message = 'container has runAsNonRoot and image will run as root (pod: "web_default(uid-web)", container: web)';
    await eventually(() => expect(bench.web().state?.waiting).toEqual({ reason: 'CreateContainerConfigError', message }));
    expect(bench.events('Failed')).toContain(`Error: ${message}`);
  });
});
