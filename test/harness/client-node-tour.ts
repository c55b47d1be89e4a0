import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import type { RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { ApiException, AuthenticationV1Api, AuthorizationV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy, SchedulingV1Api, VersionApi, Watch, makeInformer, setHeaderOptions } from '@kubernetes/client-node';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

async function textOf(url: string, options: RequestOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, options, resolve).once('error', reject);
  return text(await promise);
}

interface TablePrinted {
  kind: string;
  columnDefinitions: { name: string }[];
  rows: { cells: unknown[] }[];
}

const patchOf = (strategy: (typeof PatchStrategy)[keyof typeof PatchStrategy]) => setHeaderOptions('Content-Type', strategy);

async function failure(call: Promise<unknown>): Promise<{ code: number; body: { reason?: string; message?: string } }> {
  const error: unknown = await call.then(() => undefined, (cause: unknown) => cause);
  if (!(error instanceof ApiException)) throw new Error('the call did not fail as the API fails', { cause: error });
  const { code, body } = error as ApiException<unknown>;
  return { code, body: (typeof body === 'string' ? JSON.parse(body) : body) as { reason?: string; message?: string } };
}

/** What programs do with `@kubernetes/client-node`, in a namespace that the tour makes and deletes. */
export function describeClientNodeTour(title: string, { kubeconfig, namespace }: { kubeconfig: string; namespace: string }): void {
  describe(title, () => {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const create = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) =>
      core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data } });
    const names = async (): Promise<string[]> => (await core.listNamespacedConfigMap({ namespace, labelSelector: 'kept!=no' })).items.map(({ metadata }) => metadata?.name ?? '').filter((name) => name !== 'kube-root-ca.crt');

    beforeAll(() => core.createNamespace({ body: { metadata: { name: namespace } } }));
    afterAll(() => core.deleteNamespace({ name: namespace }));

    it('creates, reads, replaces, lists and deletes', async () => {
      const created = await create('one', { a: '1' });
      expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
      const { metadata } = await core.readNamespacedConfigMap({ namespace, name: 'one' });
      const replace = (data: Record<string, string>) => core.replaceNamespacedConfigMap({ namespace, name: 'one', body: { metadata: metadata ?? {}, data } });
      const replaced = await replace({ a: '2' });
      expect(replaced.data).toEqual({ a: '2' });
      expect(await failure(replace({ a: '3' }))).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
      expect(await failure(create('one'))).toMatchObject({ code: 409, body: { reason: 'AlreadyExists', message: 'configmaps "one" already exists' } });
      expect(await names()).toEqual(['one']);
      expect(await core.deleteNamespacedConfigMap({ namespace, name: 'one' })).toMatchObject({ status: 'Success' });
      expect(await failure(core.readNamespacedConfigMap({ namespace, name: 'one' }))).toMatchObject({ code: 404, body: { reason: 'NotFound' } });
    });

    it('patches in four ways', async () => {
      await create('patched', { a: '1' });
      const patch = (strategy: (typeof PatchStrategy)[keyof typeof PatchStrategy], body: unknown, more: object = {}) =>
        core.patchNamespacedConfigMap({ namespace, name: 'patched', body, ...more }, patchOf(strategy));
      expect((await patch(PatchStrategy.MergePatch, { data: { b: '2' } })).data).toEqual({ a: '1', b: '2' });
      expect((await patch(PatchStrategy.JsonPatch, [{ op: 'remove', path: '/data/a' }])).data).toEqual({ b: '2' });
      expect((await patch(PatchStrategy.StrategicMergePatch, { data: { c: '3' } })).data).toEqual({ b: '2', c: '3' });
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { b: 'mine' } };
      expect(await failure(patch(PatchStrategy.ServerSideApply, body, { fieldManager: 'tour' }))).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
      expect((await patch(PatchStrategy.ServerSideApply, body, { fieldManager: 'tour', force: true })).data).toEqual({ b: 'mine', c: '3' });
    });

    it('lists page by page', async () => {
      for (let index = 0; index < 7; index += 1) await create(`page-${index}`, {}, { set: 'pages' });
      const found: string[] = [];
      let _continue: string | undefined;
      do {
        const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=pages', limit: 3, ...(_continue ? { _continue } : {}) });
        found.push(...page.items.map(({ metadata }) => metadata?.name ?? ''));
        _continue = page.metadata?._continue;
      } while (_continue);
      expect(found).toEqual(Array.from({ length: 7 }, (_, index) => `page-${index}`));
      await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'set=pages' });
    });

    it('watches from a resourceVersion, and is told when it has gone', async () => {
      const { metadata } = await core.listNamespacedConfigMap({ namespace });
      const seen: string[] = [];
      const { promise: over, resolve } = Promise.withResolvers<unknown>();
      const watching = await new Watch(config).watch(path, { resourceVersion: metadata?.resourceVersion ?? '', allowWatchBookmarks: true }, (phase, object: V1ConfigMap) => seen.push(`${phase} ${object.metadata?.name}`), resolve);
      await create('watched');
      await core.patchNamespacedConfigMap({ namespace, name: 'watched', body: { data: { a: '1' } } }, patchOf(PatchStrategy.MergePatch));
      await core.deleteNamespacedConfigMap({ namespace, name: 'watched' });
      await expect.poll(() => seen).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
      watching.abort();
      await over;
    });

    it('keeps an informer in step', async () => {
      await create('before', {}, { app: 'informed' });
      const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace, labelSelector: 'app=informed' }), 'app=informed');
      const changes: string[] = [];
      for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, ({ metadata }) => changes.push(`${verb} ${metadata?.name}`));
      await informer.start();
      await create('after', {}, { app: 'informed' });
      await create('other');
      await core.patchNamespacedConfigMap({ namespace, name: 'after', body: { metadata: { labels: { app: 'gone' } } } }, patchOf(PatchStrategy.MergePatch));
      await expect.poll(() => changes).toEqual(['add before', 'add after', 'delete after']);
      expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(['before']);
      await informer.stop();
    });

    it('asks for Tables', async () => {
      const options: RequestOptions = { headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } };
      await config.applyToHTTPSOptions(options);
      const table = JSON.parse(await textOf(`${config.getCurrentCluster()?.server}${path}`, options)) as TablePrinted;
      expect([table.kind, table.columnDefinitions.map(({ name }) => name)]).toEqual(['Table', ['Name', 'Data', 'Age']]);
      expect(table.rows.map(({ cells }) => cells[0])).toContain('before');
    });

    it('works with objects of any kind by their type alone', async () => {
      const objects = KubernetesObjectApi.makeApiClient(config);
      const body = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: namespace }, value: 7 };
      await objects.create(body);
      expect(await objects.read<typeof body>({ apiVersion: body.apiVersion, kind: body.kind, metadata: { name: namespace } })).toMatchObject({ value: 7 });
      await objects.delete(body);
      expect(await failure(config.makeApiClient(SchedulingV1Api).readPriorityClass({ name: namespace }))).toMatchObject({ code: 404 });
    });

    it('asks who it is, what it may, and for tokens', async () => {
      const self = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body: {} });
      expect(self.status?.userInfo?.groups).toContain('system:authenticated');
      const may = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec: { resourceAttributes: { verb: 'create', resource: 'pods', namespace } } } });
      expect(may.status?.allowed).toBe(true);
      await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
      const { status } = await core.createNamespacedServiceAccountToken({ namespace, name: 'robot', body: { spec: { audiences: [], expirationSeconds: 600 } } });
      const review = await config.makeApiClient(AuthenticationV1Api).createTokenReview({ body: { spec: { token: status?.token ?? '' } } });
      expect(review.status).toMatchObject({ authenticated: true, user: { username: `system:serviceaccount:${namespace}:robot` } });
      expect((await config.makeApiClient(VersionApi).getCode()).major).toBe('1');
    });
  });
}
