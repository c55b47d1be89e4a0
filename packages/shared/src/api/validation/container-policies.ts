import type { Container } from '../container.ts';
import type { FieldError } from '../errors.ts';
import type { PodSpec } from '../pod.ts';
import { checkMember, duplicate, eachOf, invalid, notSupported, required, tooMany } from './field-errors.ts';

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** What a container's own restart policy says; for an init container Always makes it a sidecar. */
export function validateRestart({ restartPolicy, restartPolicyRules: rules = [] }: Container, path: string): FieldError[] {
  const isMissing = restartPolicy === undefined && rules.length > 0;
  return [
    ...(isMissing ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : []),
    ...checkMember(`${path}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure']),
    ...(rules.length > MAX_RULES ? [tooMany(`${path}.restartPolicyRules`, rules.length, MAX_RULES)] : []),
    ...eachOf(rules, `${path}.restartPolicyRules`, validateRule),
  ];
}

/** Without a policy of its own an init container may have no rules either. */
export function validateInitRestart(container: Container, path: string): FieldError[] {
  if (container.restartPolicy !== undefined) return validateRestart(container, path);
  return container.restartPolicyRules?.length ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : [];
}

type Rule = NonNullable<Container['restartPolicyRules']>[number];

function validateRule({ action, exitCodes }: Rule, path: string): FieldError[] {
  const codes = exitCodes?.values ?? [];
  return [
    ...checkMember(`${path}.action`, action, ['Restart', 'RestartAllContainers']),
    ...(exitCodes ? checkMember(`${path}.exitCodes.operator`, exitCodes.operator, ['In', 'NotIn']) : [required(`${path}.exitCodes`, 'must be specified')]),
    ...(codes.length > MAX_EXIT_CODES ? [tooMany(`${path}.exitCodes.values`, codes.length, MAX_EXIT_CODES)] : []),
  ];
}

/** Violations name the list; only a resource named twice is told by its place. */
export function validateResizePolicy(policies: Container['resizePolicy'], podRestartPolicy: PodSpec['restartPolicy'], path: string): FieldError[] {
  const seen = new Set<string>();
  return eachOf(policies, path, ({ resourceName, restartPolicy }, at) => {
    const isRepeated = seen.has(resourceName);
    seen.add(resourceName);
    const restarts = podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired';
    return [
      ...(isRepeated ? [duplicate(at, resourceName)] : []),
      ...checkNamed(path, resourceName, ['cpu', 'memory']),
      ...checkNamed(path, restartPolicy, ['NotRequired', 'RestartContainer']),
      ...(restarts ? [invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'")] : []),
    ];
  });
}

function checkNamed(path: string, value: string, members: string[]): FieldError[] {
  if (value === '') return [required(path)];
  return members.includes(value) ? [] : [notSupported(path, value, members)];
}

/** What runs once has no state that a restart for a resize would bring back. */
export function validateInitResize({ restartPolicy, resizePolicy }: Container, path: string): FieldError[] {
  if (restartPolicy === 'Always') return [];
  return eachOf(resizePolicy, `${path}.resizePolicy`, (policy, at) =>
    policy.restartPolicy === 'RestartContainer'
      ? [invalid(`${at}.restartPolicy`, policy.restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")]
      : [],
  );
}
