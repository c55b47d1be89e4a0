import { describe, expect, it } from 'vitest';
import { EndpointError } from './check-endpoint.ts';
import { findEndpoint, wellKnownEndpoints } from './find-endpoint.ts';

const answering = (...endpoints: string[]) => {
  const asked: string[] = [];
  const check = async (endpoint: string) => {
    asked.push(endpoint);
    if (!endpoints.includes(endpoint)) throw new EndpointError('Missing', `${endpoint}: not here`);
    return { runtimeName: 'some', runtimeVersion: '1.2.3', runtimeApiVersion: 'v1' };
  };
  return { asked, find: () => findEndpoint('--runtime-endpoint', wellKnownEndpoints, check) };
};

describe('the look-up of an endpoint', () => {
  it("tries the well-known ones in Kubernetes' order, as far as the first that answers, and warns", async () => {
    const [containerd, crio, dockerd] = wellKnownEndpoints as [string, string, string];
    const { asked, find } = answering(crio, dockerd);
    expect(await find()).toEqual({ endpoint: crio, warning: `no container runtime endpoint is set: using ${crio} (some 1.2.3), the first well-known one that answers; set --runtime-endpoint to choose` });
    expect(asked).toEqual([containerd, crio]);
    expect([containerd, crio, dockerd]).toEqual(['unix:///run/containerd/containerd.sock', 'unix:///run/crio/crio.sock', 'unix:///var/run/cri-dockerd.sock']);
  });

  it('names each one and what is wrong with it when none answers', async () => {
    const error = await answering().find().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EndpointError);
    for (const endpoint of wellKnownEndpoints) expect((error as Error).message).toContain(`${endpoint}: not here`);
    expect((error as Error).message).toContain('set --runtime-endpoint');
  });

  it('hides no fault of its own', async () => {
    await expect(findEndpoint('--x', ['unix:///x'], () => Promise.reject(new TypeError('broken')))).rejects.toThrow(TypeError);
  });
});
