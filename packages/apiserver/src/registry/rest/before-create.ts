import { randomInt, randomUUID } from 'node:crypto';
import { formatTime, newBadRequest, newInvalid } from '@podling/shared/api';
import type { KubeObject } from '@podling/shared/api';
import type { KindInfo } from '@podling/shared/scheme';
import type { Strategy } from './strategy.ts';

/** No vowels and no look-alikes, as Kubernetes does it, so that no words come out. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const generatedNameMaxLength = 63 - suffixLength;

export function generateName(base: string): string {
  const suffix = Array.from({ length: suffixLength }, () => suffixAlphabet.charAt(randomInt(suffixAlphabet.length))).join('');
  return base.slice(0, generatedNameMaxLength) + suffix;
}

/** Takes over or checks the namespace of the path. */
export function settleNamespace({ namespaced }: Pick<KindInfo, 'namespaced'>, object: KubeObject, namespace: string): void {
  if (!namespaced) {
    delete object.metadata.namespace;
    return;
  }
  object.metadata.namespace ??= namespace;
  if (object.metadata.namespace === '') object.metadata.namespace = namespace;
  if (object.metadata.namespace !== namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/**
 * Makes a decoded object ready to be stored: name, uid, creation time, what the strategy resets; then validates.
 * Throws 422 with every cause. Upstream twin: `rest.BeforeCreate`.
 */
export function beforeCreate<T extends KubeObject>(strategy: Strategy<T>, object: T, nowMs: number, nameFrom: (base: string) => string = generateName): void {
  const { metadata } = object;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  if (metadata.generateName && !metadata.name) metadata.name = nameFrom(metadata.generateName);
  metadata.uid = randomUUID();
  metadata.creationTimestamp = formatTime(new Date(nowMs));
  strategy.prepareForCreate(object);
  const errors = strategy.kind.validateCreate(object);
  if (errors.length > 0) throw newInvalid(strategy.kind, metadata.name, errors);
}
