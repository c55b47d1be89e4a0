/** Where we mean to differ from the published definitions, with the reason. */
export const intendedDifferences: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta.shardInfo: not in ours': 'alpha in 1.36: sharded lists are not served',
  'io.k8s.api.events.v1.Event.eventTime required: ours false, theirs true': 'a decoded event has no empty time; validation says that it is missing',
};
