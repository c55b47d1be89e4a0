// The part of the `Reflect` metadata interface that the container inside @peculiar/x509 asks for when it is loaded.
// It has to be evaluated before that package; nothing else in Podling uses it.
const records = new WeakMap<object, Map<unknown, unknown>>();

const own = (key: unknown, target: object): unknown => records.get(target)?.get(key);

function inherited(key: unknown, target: object): unknown {
  for (let owner: object | null = target; owner; owner = Reflect.getPrototypeOf(owner)) {
    if (records.get(owner)?.has(key)) return own(key, owner);
  }
  return undefined;
}

function define(key: unknown, value: unknown, target: object): void {
  const record = records.get(target) ?? new Map<unknown, unknown>();
  records.set(target, record.set(key, value));
}

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, { getMetadata: inherited, getOwnMetadata: own, defineMetadata: define });
}
