import type { FieldError } from '../errors.ts';
import { equalJson } from '../json.ts';
import type { Pod } from '../pod.ts';
import { forbidden } from './field-errors.ts';
import { podAnnotations } from './pod-annotations.ts';
import { validatePodRewrite } from './pod-update.ts';

/** For `/ephemeralcontainers`: what is there stays as it is. `next` has the rest of the stored pod. */
export function validateEphemeralContainersUpdate(next: Pod, previous: Pod): FieldError[] {
  if (previous.metadata.annotations?.[podAnnotations.mirror] !== undefined) return [forbidden('', 'static pods do not support ephemeral containers')];
  const path = 'spec.ephemeralContainers';
  const present = new Map(next.spec.ephemeralContainers?.map((container) => [container.name, container]));
  return [
    ...validatePodRewrite(next, previous),
    ...(previous.spec.ephemeralContainers ?? []).flatMap((old) => {
      const wanted = present.get(old.name);
      const name = JSON.stringify(old.name);
      if (!wanted) return [forbidden(path, `existing ephemeral containers ${name} may not be removed\n`)];
      return equalJson(wanted, old) ? [] : [forbidden(path, `existing ephemeral containers ${name} may not be changed\n`)];
    }),
  ];
}
