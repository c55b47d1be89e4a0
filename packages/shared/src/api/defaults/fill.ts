/** `object` with `defaults` for the fields it lacks; '' counts as absent, as it does in Go. */
export function fill<T extends object>(object: T, defaults: Partial<T>): T {
  return fillWhere(object, defaults, (value) => value === undefined || value === '');
}

/** As {@link fill}, for numbers of which 0 also means absent. */
export function fillZero<T extends object>(object: T, defaults: Partial<T>): T {
  return fillWhere(object, defaults, (value) => value === undefined || value === '' || value === 0);
}

function fillWhere<T extends object>(object: T, defaults: Partial<T>, isAbsent: (value: unknown) => boolean): T {
  const missing = (Object.keys(defaults) as (keyof T)[]).filter((key) => isAbsent(object[key]));
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing.map((key) => [key, defaults[key]])) };
}

/** `object` with `change` applied to the field `key`, if it is there. */
export function change<T extends object, Key extends keyof T>(object: T, key: Key, apply: (value: NonNullable<T[Key]>) => NonNullable<T[Key]>): T {
  const value = object[key];
  return value === undefined || value === null ? object : { ...object, [key]: apply(value) };
}
