import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';
import { newNotFound } from '@podling/shared/api';

const PODS = '/api/v1/namespaces/default/pods';
const pod = (name: string, uid = `uid-${name}`) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid, resourceVersion: '7' } });
const deletable = (...names: string[]) => names.reduce((api, name) => api.on(`DELETE ${PODS}/${name}`, pod(name)), new FakeApi());
const bodies = (api: FakeApi) => api.sent('DELETE').map((r) => r.body as { gracePeriodSeconds?: number });

describe('kubectl delete', () => {
  it('deletes by name and returns when the object is gone', async () => {
    expect(await kubectl(deletable('web'), 'delete pod web')).toEqual({ exitCode: 0, stdout: 'pod "web" deleted from default namespace\n', stderr: '' });
  });

  it('waits for the last event of the object', async () => {
    const events: unknown[] = [{ type: 'MODIFIED', object: pod('web') }, { type: 'DELETED', object: pod('web') }];
    const api = deletable('web').on(`GET ${PODS}/web`, pod('web')).on(`WATCH ${PODS}`, events);
    await kubectl(api, 'delete pod web');
    expect(api.requests.at(-1)?.query).toMatchObject({ fieldSelector: 'metadata.name=web', resourceVersion: '7' });
  });

  it('looks again when the watch ends too early', async () => {
    let looks = 0;
    const api = deletable('web')
      .on(`GET ${PODS}/web`, () => ((looks += 1) === 1 ? pod('web') : newNotFound({ group: '', resource: 'pods' }, 'web')))
      .on(`WATCH ${PODS}`, []);
    expect(await kubectl(api, 'delete pod web')).toMatchObject({ exitCode: 0 });
    expect(looks).toBe(2);
  });

  it('does not wait for a new object of the same name', async () => {
    expect(await kubectl(deletable('web').on(`GET ${PODS}/web`, pod('web', 'another')), 'delete pod web')).toMatchObject({ exitCode: 0 });
  });

  it('does not wait with --wait=false', async () => {
    const api = deletable('web').on(`GET ${PODS}/web`, pod('web'));
    expect(await kubectl(api, 'delete pod web --wait=false')).toMatchObject({ exitCode: 0 });
  });

  it('gives up waiting after --timeout', async () => {
    const api = deletable('web').on(`GET ${PODS}/web`, pod('web')).on(`WATCH ${PODS}`, []);
    expect(await kubectl(api, 'delete pod web --timeout=50ms')).toMatchObject({ exitCode: 1, stderr: 'error: timed out waiting for the condition on pods/web\n' });
  });

  it.each([
    ['delete pod web', undefined],
    ['delete pod web --grace-period=5', 5],
    ['delete pod web --grace-period=0', 1],
    ['delete pod web --now', 1],
    ['delete pod web --force', 0],
    ['delete pod web --grace-period=0 --force', 0],
  ])('%s asks for a grace period of %s', async (line, seconds) => {
    const api = deletable('web');
    await kubectl(api, line);
    expect(bodies(api).map((b) => b.gracePeriodSeconds)).toEqual([seconds]);
  });

  it('warns when nobody confirms the end', async () => {
    const { stdout, stderr } = await kubectl(deletable('web'), 'delete pod web --force');
    expect(stdout).toBe('pod "web" force deleted from default namespace\n');
    expect(stderr).toMatch(/^Warning: Immediate deletion does not wait for confirmation/);
  });

  it('deletes every object of a selection', async () => {
    const api = deletable('a', 'b').on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items: [pod('a'), pod('b')] });
    expect((await kubectl(api, 'delete pods -l app=x')).stdout).toBe('pod "a" deleted from default namespace\npod "b" deleted from default namespace\n');
    expect((await kubectl(api, 'delete pods --all')).stdout).toBe('pod "a" deleted from default namespace\npod "b" deleted from default namespace\n');
    expect(api.requests.find((r) => r.path === PODS)?.query).toMatchObject({ labelSelector: 'app=x' });
  });

  it('deletes what files name', async () => {
    const io = new FakeIo();
    io.stdin = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\n';
    expect(await kubectl(deletable('web'), 'delete -f -', io)).toEqual({
      exitCode: 1,
      stdout: 'pod "web" deleted from default namespace\n',
      stderr: 'Error from server (NotFound): error when deleting "STDIN": pods "x" not found\n',
    });
  });

  it('deletes of files only what a selector means', async () => {
    const api = deletable('web', 'db');
    const deleteWith = (selector: string) => {
      const io = new FakeIo();
      io.stdin = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: x}}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: db, labels: {app: y}}\n';
      return kubectl(api, `delete -f - -l ${selector}`, io);
    };
    expect(await deleteWith('app=x')).toEqual({ exitCode: 0, stdout: 'pod "web" deleted from default namespace\n', stderr: '' });
    expect(api.sent('DELETE').map(({ path }) => path)).toEqual([`${PODS}/web`]);
    expect(await deleteWith('app=z')).toEqual({ exitCode: 0, stdout: 'No resources found\n', stderr: '' });
    expect(await deleteWith('a=b=c')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the provided selector "a=b=c" is not valid') });
    expect(api.sent('DELETE')).toHaveLength(1);
  });

  it('does not mind a missing object with --ignore-not-found', async () => {
    expect(await kubectl(new FakeApi(), 'delete pod x --ignore-not-found')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it.each([['y\n', 1], ['Y', 1], ['n\n', 0], ['', 0]])('asks before with -i, where %j deletes %i', async (answer, count) => {
    const io = new FakeIo();
    io.streams.stdin.end(answer);
    const api = deletable('web');
    const { exitCode, stdout } = await kubectl(api, 'delete pod web -i', io);
    const end = count === 1 ? 'pod "web" deleted from default namespace\n' : 'deletion is cancelled\n';
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `You are about to delete the following 1 resource(s):\npod/web\nDo you want to continue? (y/N): ${end}` });
    expect(api.sent('DELETE')).toHaveLength(count);
  });

  it('deletes a path as it is', async () => {
    const api = new FakeApi().on('DELETE /apis/x/y', [{ kind: 'Status', status: 'Success' }]);
    expect(await kubectl(api, 'delete --raw /apis/x/y')).toEqual({ exitCode: 0, stdout: '{"kind":"Status","status":"Success"}\n', stderr: '' });
  });

  it('sends the options of a file with --raw', async () => {
    const io = new FakeIo();
    io.stdin = '{"kind": "DeleteOptions"}';
    const api = new FakeApi().on('DELETE /apis/x/y', ['gone']);
    expect(await kubectl(api, 'delete --raw /apis/x/y -f -', io)).toEqual({ exitCode: 0, stdout: 'gone', stderr: '' });
    expect(api.sent('DELETE')[0]?.body).toEqual(Buffer.from(io.stdin));
  });

  it('says when a selection is empty', async () => {
    const api = new FakeApi().on(`GET ${PODS}`, { kind: 'PodList', metadata: {}, items: [] });
    expect(await kubectl(api, 'delete pods --all')).toEqual({ exitCode: 0, stdout: 'No resources found\n', stderr: '' });
  });

  it.each([
    ['delete', 'You must provide one or more resources'],
    ['delete pods', 'resource(s) were provided, but no name was specified'],
    ['delete pod web --now --grace-period=3', '--now and --grace-period cannot be specified together'],
    ['delete pod web --force --grace-period=3', '--force and --grace-period greater than 0 cannot be specified together'],
    ['delete pod web --grace-period=soon', 'invalid argument "soon" for "--grace-period"'],
    ['delete pods --all -l app=x', "setting 'all' parameter but found a non empty selector."],
    ['delete pod web --raw /api/v1', 'arguments may not be passed when --raw is specified'],
    ['delete --raw /api/v1 -i', '--interactive can not be used with --raw'],
    ['delete --raw /api/v1 -f a -f b', '--raw can only use a single local file or stdin'],
    ['delete pod web --all', 'name cannot be provided when a selector is specified'],
  ])('%s fails with a reason and deletes nothing', async (line, message) => {
    const api = deletable('web');
    const { exitCode, stderr } = await kubectl(api, line);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
    expect(api.sent('DELETE')).toEqual([]);
  });
});
