import { describe, expect, it } from 'vitest';
import { criSignal, signalName } from './signals.ts';
import { loadServices } from './services.ts';

/** As the other side reads it. */
function received(message: object): unknown {
  const method = loadServices().runtime['CreateContainer'];
  if (method === undefined) throw new Error('no such method');
  return method.requestDeserialize(method.requestSerialize(message));
}

describe('CRI v1 services', () => {
  it('have the calls of a runtime, and of its images', () => {
    const { runtime, image } = loadServices();
    expect(Object.values(runtime).map(({ path }) => path)).toContain('/runtime.v1.RuntimeService/RunPodSandbox');
    expect(runtime['GetContainerEvents']).toMatchObject({ requestStream: false, responseStream: true });
    expect(image['PullImage']?.path).toBe('/runtime.v1.ImageService/PullImage');
  });

  it('keep what is sent, and fill in what is not', () => {
    const seen = received({
      podSandboxId: 'one',
      config: {
        metadata: { name: 'main' },
        envs: [{ key: 'A', value: 'ü' }],
        linux: { resources: { memoryLimitInBytes: '9007199254740993' } },
        mounts: [{ hostPath: '/a', recursiveReadOnly: true, propagation: 'PROPAGATION_BIDIRECTIONAL' }],
        stopSignal: 'SIGRTMINPLUS3',
      },
    });
    expect(seen).toMatchObject({
      podSandboxId: 'one',
      sandboxConfig: null,
      config: {
        metadata: { name: 'main', attempt: 0 },
        envs: [{ key: 'A', value: 'ü' }],
        linux: { resources: { memoryLimitInBytes: '9007199254740993', cpuShares: '0' }, securityContext: null },
        mounts: [{ hostPath: '/a', containerPath: '', readonly: false, recursiveReadOnly: true, propagation: 'PROPAGATION_BIDIRECTIONAL' }],
        stopSignal: 'SIGRTMINPLUS3',
        image: null,
        labels: {},
      },
    });
  });

  it('leave a number as it is where an enum has no name for it', () => {
    expect(received({ config: { stopSignal: 4242 } })).toMatchObject({ config: { stopSignal: 4242 } });
  });
});

describe('stop signal', () => {
  it.each([['SIGTERM', 'SIGTERM'], ['SIGRTMIN+3', 'SIGRTMINPLUS3'], ['SIGRTMAX-14', 'SIGRTMAXMINUS14'], [undefined, 'RUNTIME_DEFAULT']])('%s is %s', (name, signal) => {
    expect(criSignal(name)).toBe(signal);
    expect(signalName(criSignal(name))).toBe(name);
  });
});
