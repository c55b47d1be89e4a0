import { newForbidden, newStatusError } from '@podling/shared/api';
import { ConnectionError } from '@podling/shared/client';
import { createFakeServer, type FakeServer } from '@podling/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { podOf, uid } from '../testing/runtime-objects.ts';
import { MissingObjectError, PodObjects } from './pod-objects.ts';

const pod = podOf([{ name: 'web' }]);
const unreachable = new ConnectionError('https://10.0.0.1:6443', 'connect ECONNREFUSED');
let server: FakeServer;
let objects: PodObjects;

function put(value: string): void {
  server.configMaps.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' }, data: { key: value } });
}

beforeEach(() => {
  server = createFakeServer();
  objects = new PodObjects(server.client);
});

describe('PodObjects', () => {
  it('reads an object anew each time', async () => {
    put('1');
    await objects.configMap(pod, 'c');
    put('2');
    expect((await objects.configMap(pod, 'c')).data).toEqual({ key: '2' });
  });

  it('says what is not there as Kubernetes does', async () => {
    await expect(objects.configMap(pod, 'c')).rejects.toThrow(new MissingObjectError('configmap "c" not found'));
    await expect(objects.secret(pod, 's')).rejects.toThrow(new MissingObjectError('secret "s" not found'));
  });

  it('gives a pod what it had while the apiserver cannot be reached, and no other pod', async () => {
    put('1');
    await objects.configMap(pod, 'c');
    server.configMaps.failNext(unreachable, 2);
    expect((await objects.configMap(pod, 'c')).data).toEqual({ key: '1' });
    const other = { ...pod, metadata: { ...pod.metadata, uid: 'other' } };
    await expect(objects.configMap(other, 'c')).rejects.toThrow(unreachable);
  });

  it.each([429, 500, 503])('gives a pod what it had while the apiserver answers %i', async (code) => {
    put('1');
    await objects.configMap(pod, 'c');
    server.configMaps.failNext(newStatusError({ code, reason: 'Unknown', message: 'not now' }));
    expect((await objects.configMap(pod, 'c')).data).toEqual({ key: '1' });
  });

  it('gives nothing that has been found gone', async () => {
    put('1');
    await objects.configMap(pod, 'c');
    server.configMaps.remove('default/c');
    await expect(objects.configMap(pod, 'c')).rejects.toThrow(MissingObjectError);
    server.configMaps.failNext(unreachable);
    await expect(objects.configMap(pod, 'c')).rejects.toThrow(unreachable);
  });

  it('gives nothing that the apiserver now refuses, and keeps nothing of a pod that is gone', async () => {
    put('1');
    await objects.configMap(pod, 'c');
    server.configMaps.failNext(newForbidden({ group: '', resource: 'configmaps' }, 'c', 'no'));
    await expect(objects.configMap(pod, 'c')).rejects.toThrow('forbidden');
    objects.forgetPod(uid);
    server.configMaps.failNext(unreachable);
    await expect(objects.configMap(pod, 'c')).rejects.toThrow(unreachable);
  });
});
