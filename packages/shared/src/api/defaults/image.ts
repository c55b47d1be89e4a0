const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?';
/** `host:port/path/name:tag@digest`; what has another shape gets no tag. */
const reference = new RegExp(`^(?:${host}/)?${component}(?:/${component})*(?::([a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`);

/** Kubernetes' pull policy for an image that names none: Always for the tag `latest` (or no tag), else IfNotPresent. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const [, tag, digest] = reference.exec(image) ?? [undefined, 'none'];
  return (tag ?? (digest ? 'none' : 'latest')) === 'latest' ? 'Always' : 'IfNotPresent';
}
