/** A pod of 1.8 kB, as a client sends it. */
export function podBody(name: string): string {
  const env = Array.from({ length: 18 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-${index}-of-an-ordinary-length` }));
  const resources = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } };
  const container = { name: 'main', image: 'registry.example/team/application:1.2.3', command: ['/bin/server', '--listen', '0.0.0.0:8080'], env, resources };
  const metadata = { name, namespace: 'default', labels: { app: 'bench', tier: 'back', release: 'r1' }, annotations: { note: 'x'.repeat(200) } };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'node-1', restartPolicy: 'Always', containers: [container] } });
}
