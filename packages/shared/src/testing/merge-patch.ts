type Fields = Record<string, unknown>;

/**
 * A JSON merge patch in which lists of `conditions` merge by `type`, with `$patch: delete`, which is as much of the strategic merge patch as
 * the fakes need.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return isConditions(patch) && Array.isArray(target) ? mergeConditions(target as Fields[], patch) : patch;
  if (!isFields(patch)) return patch;
  const merged: Fields = isFields(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function mergeConditions(present: Fields[], patch: Fields[]): Fields[] {
  const byType = new Map(present.map((condition) => [condition['type'], condition]));
  for (const condition of patch) {
    if (condition['$patch'] === 'delete') byType.delete(condition['type']);
    else byType.set(condition['type'], { ...byType.get(condition['type']), ...condition });
  }
  return [...byType.values()];
}

function isConditions(list: unknown[]): list is Fields[] {
  return list.length > 0 && list.every((item) => isFields(item) && typeof item['type'] === 'string' && (typeof item['status'] === 'string' || item['$patch'] === 'delete'));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
