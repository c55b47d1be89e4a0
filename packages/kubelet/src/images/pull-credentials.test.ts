import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '@podling/shared/api';
import { buildPod } from '@podling/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PullCredentials } from './pull-credentials.ts';

const config = (location: string, username: string): string => JSON.stringify({ auths: { [location]: { username, password: 'p' } } });
const secret = (name: string, text: string): Secret => ({
  metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': Buffer.from(text).toString('base64') },
});

describe('PullCredentials', () => {
  let folder: string;
  let told: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'podling-credentials-'));
    told = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function usernames(secrets: Secret[], names: string[], reference: string): Promise<(string | undefined)[]> {
    const credentials = new PullCredentials({
      secret: (_, name) => {
        const found = secrets.find(({ metadata }) => metadata.name === name);
        return found ? Promise.resolve(found) : Promise.reject(new Error('not found'));
      },
      nodeConfigFiles: [join(folder, 'absent.json'), join(folder, 'config.json')],
      onMissing: (_, message) => told.push(message),
    });
    const pod = buildPod({ name: 'web', spec: { containers: [{ name: 'web', image: reference }], imagePullSecrets: names.map((name) => ({ name })) } });
    return (await credentials.of(pod, reference)).map(({ auth }) => auth.username);
  }

  it('are those of the pod\'s secrets that are for the image, then the node\'s', async () => {
    writeFileSync(join(folder, 'config.json'), config('r.io', 'node'));
    const secrets = [secret('wide', config('r.io', 'wide')), secret('close', config('r.io/team', 'close')), secret('other', config('other.io', 'other'))];
    expect(await usernames(secrets, ['wide', 'close', 'other'], 'r.io/team/web:1')).toEqual(['close', 'wide', 'node']);
    expect(await usernames(secrets, ['other'], `r.io/team/web@sha256:${'a'.repeat(64)}`)).toEqual(['node']);
    expect(await usernames(secrets, [], 'quay.io/web')).toEqual([]);
    expect(told).toEqual([]);
  });

  it('leave out secrets that are not there or are broken, and tell it once', async () => {
    const secrets = [secret('broken', '{'), secret('good', config('https://index.docker.io/v1/', 'good'))];
    expect(await usernames(secrets, ['absent', 'good', 'broken'], 'web')).toEqual(['good']);
    expect(told).toEqual(['Unable to retrieve some image pull secrets (absent, broken); attempting to pull the image may not succeed.']);
  });
});
