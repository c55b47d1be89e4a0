import type { ObjectMeta } from '@podling/shared/api';
import { describe, expect, it } from 'vitest';
import { deleteContent } from './delete-content.ts';
import { conditionsAfter } from './namespace-conditions.ts';
import type { ContentResource, DiscoveredContent, NamespaceContent } from './namespace-content.ts';

const resource = (name: string, group = ''): ContentResource => ({ group, version: 'v1', resource: name, verbs: ['delete', 'deletecollection', 'list'] });
const pods = resource('pods');
const configMaps = resource('configmaps');
const leases = resource('leases', 'coordination.k8s.io');

/** Objects by resource; a delete removes those that nothing holds. */
class FakeContent implements NamespaceContent {
  readonly objects = new Map<ContentResource, ObjectMeta[]>();
  readonly deleted: string[] = [];
  failures: string[] = [];
  broken: ContentResource | undefined;

  discover(): Promise<DiscoveredContent> {
    return Promise.resolve({ resources: [configMaps, pods, leases], failures: this.failures });
  }

  async deleteAll(of: ContentResource): Promise<void> {
    if (of === this.broken) throw new Error('forbidden');
    this.deleted.push(of.resource);
    const stays = (this.objects.get(of) ?? []).filter(({ finalizers, deletionGracePeriodSeconds }) => finalizers ?? deletionGracePeriodSeconds);
    this.objects.set(of, stays);
  }

  list(of: ContentResource): Promise<ObjectMeta[]> {
    return Promise.resolve(this.objects.get(of) ?? []);
  }
}

describe('the content of a namespace', () => {
  it('goes in one pass if nothing holds it', async () => {
    const content = new FakeContent();
    content.objects.set(configMaps, [{ name: 'a' }]);
    const pass = await deleteContent(content, 'ns', 0);
    expect(pass).toMatchObject({ contentFailures: [], discoveryFailures: [], estimateSeconds: 0 });
    expect(content.deleted).toEqual(['pods', 'configmaps', 'leases']);
  });

  it('stays while a pod has its grace', async () => {
    const content = new FakeContent();
    content.objects.set(pods, [{ name: 'a', deletionGracePeriodSeconds: 30 }]);
    content.objects.set(configMaps, [{ name: 'a' }]);
    const pass = await deleteContent(content, 'ns', 0);
    expect([content.deleted, pass.estimateSeconds, pass.contentFailures]).toEqual([['pods'], 30, []]);
    const late = await deleteContent(content, 'ns', 31);
    expect([late.estimateSeconds, late.contentFailures.length]).toEqual([0, 1]);
  });

  it('is given time for finalizers, which are counted', async () => {
    const content = new FakeContent();
    content.objects.set(configMaps, [{ name: 'a', finalizers: ['x/y'] }, { name: 'b', finalizers: ['x/y'] }]);
    const pass = await deleteContent(content, 'ns', 100);
    expect([pass.estimateSeconds, [...pass.finalizers], [...pass.remaining]]).toEqual([15, [['x/y', 2]], [['configmaps.', 2]]]);
  });

  it('goes as far as it can when a resource or a group fails', async () => {
    const content = new FakeContent();
    content.broken = configMaps;
    content.failures = ['metrics.k8s.io/v1beta1: gone'];
    const pass = await deleteContent(content, 'ns', 0);
    expect(content.deleted).toEqual(['pods', 'leases']);
    expect([pass.contentFailures, pass.discoveryFailures]).toEqual([['configmaps.: forbidden'], ['metrics.k8s.io/v1beta1: gone']]);
  });
});

describe('the conditions of a namespace that is going', () => {
  const pass = { discoveryFailures: [], contentFailures: [], remaining: new Map<string, number>(), finalizers: new Map<string, number>(), estimateSeconds: 0 };

  it('say in order what went well and what is left', () => {
    const conditions = conditionsAfter({ ...pass, remaining: new Map([['pods.', 1]]) }, [{ type: 'Own', status: 'True' }], 'now');
    expect(conditions.map(({ type, status, reason }) => `${type}=${status} ${reason ?? ''}`)).toEqual([
      'Own=True ',
      'NamespaceDeletionDiscoveryFailure=False ResourcesDiscovered',
      'NamespaceDeletionGroupVersionParsingFailure=False ParsedGroupVersions',
      'NamespaceDeletionContentFailure=False ContentDeleted',
      'NamespaceContentRemaining=True SomeResourcesRemain',
      'NamespaceFinalizersRemaining=False ContentHasNoFinalizers',
    ]);
    expect(conditions[4]?.message).toBe('Some resources are remaining: pods. has 1 resource instances');
  });

  it('stay the same list while nothing changes, and keep the time of the last change of status', () => {
    const before = conditionsAfter(pass, [], 'then');
    expect(conditionsAfter(pass, before, 'now')).toBe(before);
    const failed = conditionsAfter({ ...pass, contentFailures: ['x'] }, before, 'now');
    expect(failed.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual(['then', 'then', 'now', 'then', 'then']);
    const other = conditionsAfter({ ...pass, contentFailures: ['y'] }, failed, 'later');
    expect(other[2]).toMatchObject({ lastTransitionTime: 'now', message: 'Failed to delete all resource types, 1 remaining: y' });
  });
});
