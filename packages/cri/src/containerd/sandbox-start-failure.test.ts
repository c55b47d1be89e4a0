import { describe, expect, it } from 'vitest';
import { sandboxStartFailure } from './sandbox-start-failure.ts';

describe('sandboxStartFailure', () => {
  it.each([
    ['write sysctl key net.x: permission denied', 'InvalidArgument', 'failed to run sandbox: write sysctl key net.x: permission denied'],
    ['plugin type="flannel" failed (add)', 'NetworkError', 'failed to run sandbox: plugin type="flannel" failed (add)'],
    [
      'image not available: "local/pause:1"', 'Unknown',
      `failed to run sandbox: the image "local/pause:1" is not in containerd's namespace pods: import it there, or name one that is with --pod-infra-container-image`,
    ],
  ])('makes of %j %s', (said, code, message) => {
    const cause = new Error('exit 1');
    expect(sandboxStartFailure(said, { image: 'local/pause:1', namespace: 'pods', cause })).toMatchObject({ code, message, cause });
  });
});
