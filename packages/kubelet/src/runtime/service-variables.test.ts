import { describe, expect, it } from 'vitest';
import { kubernetesService } from './kubernetes-service.ts';
import { serviceVariables } from './service-variables.ts';

describe('serviceVariables', () => {
  it('name host and ports as Kubernetes does', () => {
    const ports = [{ name: 'https', port: 443, protocol: 'TCP' }, { name: 'dns-udp', port: 53, protocol: 'UDP' }];
    expect(Object.fromEntries(serviceVariables([{ name: 'my-web', clusterIP: '10.96.0.7', ports }]))).toEqual({
      MY_WEB_SERVICE_HOST: '10.96.0.7',
      MY_WEB_SERVICE_PORT: '443',
      MY_WEB_SERVICE_PORT_HTTPS: '443',
      MY_WEB_SERVICE_PORT_DNS_UDP: '53',
      MY_WEB_PORT: 'tcp://10.96.0.7:443',
      MY_WEB_PORT_443_TCP: 'tcp://10.96.0.7:443',
      MY_WEB_PORT_443_TCP_PROTO: 'tcp',
      MY_WEB_PORT_443_TCP_PORT: '443',
      MY_WEB_PORT_443_TCP_ADDR: '10.96.0.7',
      MY_WEB_PORT_53_UDP: 'udp://10.96.0.7:53',
      MY_WEB_PORT_53_UDP_PROTO: 'udp',
      MY_WEB_PORT_53_UDP_PORT: '53',
      MY_WEB_PORT_53_UDP_ADDR: '10.96.0.7',
    });
  });

  it('put the brackets of IPv6 into URLs only', () => {
    const variables = serviceVariables([{ name: 'a', clusterIP: 'fd00::1', ports: [{ port: 80 }] }]);
    expect([variables.get('A_SERVICE_HOST'), variables.get('A_PORT')]).toEqual(['fd00::1', 'tcp://[fd00::1]:80']);
  });
});

describe('kubernetesService', () => {
  it.each([
    ['https://172.30.1.1:6443', '172.30.1.1', 6443],
    ['https://172.30.1.1', '172.30.1.1', 443],
    ['https://[fd00::1]:6443/', 'fd00::1', 6443],
  ])('is where %s is', (server, clusterIP, port) => {
    expect(kubernetesService(server)).toEqual({ name: 'kubernetes', clusterIP, ports: [{ name: 'https', port, protocol: 'TCP' }] });
  });

  it.each(['https://127.0.0.1:6443', 'https://[::1]:6443', 'https://master.example:6443'])('is unknown where pods cannot reach %s', (server) => {
    expect(kubernetesService(server)).toBeUndefined();
  });
});
