export function titleCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `CoreV1`, `CoordinationV1`: as operations are named. */
export function groupTitle({ group, version }: { group: string; version: string }): string {
  return `${titleCase(group === '' ? 'core' : (group.split('.')[0] ?? ''))}${titleCase(version)}`;
}

/** `core_v1`: what the operations of a group and version are filed under. */
export function tagOf(groupVersion: { group: string; version: string }): string {
  return groupTitle(groupVersion).replace(/V(?=\d)/, '_v').toLowerCase();
}
