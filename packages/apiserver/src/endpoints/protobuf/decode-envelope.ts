import { asSchema, bodySchemaFor } from '@podling/shared/scheme';
import { decodeMessage } from './message-decoder.ts';
import { ProtobufError, asBytes, asText, scalarsOf } from './wire-reader.ts';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

const prefix = Buffer.from('k8s\0');

/**
 * A body of `application/vnd.kubernetes.protobuf` as the JSON value it stands for: the four bytes `k8s\0`, then a
 * `runtime.Unknown` that names the kind and holds the object. Throws {@link ProtobufError}.
 */
export function decodeProtobuf(bytes: Buffer): Record<string, unknown> {
  if (!bytes.subarray(0, prefix.length).equals(prefix)) {
    throw new ProtobufError(`provided data does not appear to be a protobuf message, expected prefix [${[...prefix].join(' ')}]`);
  }
  const unknown = scalarsOf(bytes.subarray(prefix.length));
  const typeMeta = scalarsOf(asBytes(unknown.get(1)));
  const apiVersion = asText(typeMeta.get(1));
  const kind = asText(typeMeta.get(2));
  const schema = bodySchemaFor(apiVersion, kind);
  if (!schema) throw new ProtobufError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  return { apiVersion, kind, ...decodeMessage(asSchema(schema), asBytes(unknown.get(2))) };
}
