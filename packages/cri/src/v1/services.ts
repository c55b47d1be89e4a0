import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface CriServices {
  runtime: ServiceDefinition;
  image: ServiceDefinition;
}

let loaded: CriServices | undefined;

/**
 * RuntimeService and ImageService of CRI v1, for a client or a server. A message that arrives has every field: '' or 0 for
 * a value that was not sent, null for a message. 64-bit integers are decimal strings. Enums are their names; a number that
 * we have no name for stays a number, so a value of an enum is to be checked before it is believed.
 */
export function loadServices(): CriServices {
  loaded ??= load();
  return loaded;
}

function load(): CriServices {
  const definition = loadSync(['runtime-service.proto', 'image-service.proto'], {
    includeDirs: [fileURLToPath(new URL('./proto', import.meta.url))],
    keepCase: false,
    longs: String,
    enums: String,
    defaults: true,
  });
  return {
    runtime: definition['runtime.v1.RuntimeService'] as ServiceDefinition,
    image: definition['runtime.v1.ImageService'] as ServiceDefinition,
  };
}
