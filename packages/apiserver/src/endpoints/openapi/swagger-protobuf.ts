/**
 * An OpenAPI v2 document in protobuf, the only form in which kubectl takes it where it needs all schemas at once, as for a
 * `List` of objects. Field numbers are those of gnostic's `openapi.v2.Document`; only what our documents have is encoded.
 */
type Json = Record<string, unknown>;

/** How a member of a JSON object is encoded. */
type Shape = 'string' | 'bool' | 'any' | Message | readonly ['list', Shape] | readonly ['in', number, Shape] | readonly ['by', (value: Json) => Shape];

interface Message {
  fields: Readonly<Record<string, readonly [number: number, shape: () => Shape]>>;
  /** Where members that begin with `x-` go. */
  extensions?: number;
  /** The number of the members that are no field, as of a map. */
  rest?: readonly [number: number, shape: () => Shape];
}

const named = (shape: () => Shape): Message => ({ fields: {}, rest: [1, shape] });

const text = (): Shape => 'string';
const texts = (): Shape => ['list', 'string'];

const schema: Message = {
  fields: {
    $ref: [1, text], format: [2, text], title: [3, text], description: [4, text], default: [5, () => 'any'], uniqueItems: [16, () => 'bool'],
    required: [19, texts], enum: [20, () => ['list', 'any']], additionalProperties: [21, () => ['in', 1, schema]], type: [22, () => ['in', 1, 'string']],
    items: [23, () => ['in', 1, schema]], allOf: [24, () => ['list', schema]], properties: [25, () => named(() => schema)],
  },
  extensions: 31,
};

const bodyParameter: Message = {
  fields: { description: [1, text], name: [2, text], in: [3, text], required: [4, () => 'bool'], schema: [5, () => schema] },
};
const queryParameter: Message = {
  fields: { required: [1, () => 'bool'], in: [2, text], description: [3, text], name: [4, text], type: [6, text], format: [7, text], uniqueItems: [20, () => 'bool'] },
};
const pathParameter: Message = {
  fields: { required: [1, () => 'bool'], in: [2, text], description: [3, text], name: [4, text], type: [5, text], format: [6, text], uniqueItems: [19, () => 'bool'] },
};

/** ParametersItem → Parameter → body, or NonBodyParameter → query or path. */
function parameterShape({ in: place }: Json): Shape {
  if (place === 'body') return ['in', 1, ['in', 1, bodyParameter]];
  return ['in', 1, ['in', 2, place === 'path' ? ['in', 4, pathParameter] : ['in', 3, queryParameter]]];
}
const parameters = (): Shape => ['list', ['by', parameterShape]];

const response: Message = { fields: { description: [1, text], schema: [2, () => ['in', 1, schema]] } };
const operation: Message = {
  fields: {
    tags: [1, texts], description: [3, text], operationId: [5, text], produces: [6, texts], consumes: [7, texts], parameters: [8, parameters],
    responses: [9, () => named(() => ['in', 1, response])], schemes: [10, texts],
  },
  extensions: 13,
};
const pathItem: Message = {
  fields: {
    get: [2, () => operation], put: [3, () => operation], post: [4, () => operation], delete: [5, () => operation], options: [6, () => operation],
    head: [7, () => operation], patch: [8, () => operation], parameters: [9, parameters],
  },
};
const document: Message = {
  fields: {
    swagger: [1, text], info: [2, () => ({ fields: { title: [1, text], version: [2, text] } })],
    paths: [8, () => ({ fields: {}, rest: [2, () => pathItem] })], definitions: [9, () => named(() => schema)],
  },
};

const lengthDelimited = 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + lengthDelimited), varint(content.length), content]);
}

/** gnostic's Any keeps the text of a YAML value, and JSON is YAML. */
const anyOf = (value: unknown): Buffer => field(2, Buffer.from(`${JSON.stringify(value)}\n`));

function isWrapped(shape: Shape, kind: string): shape is Extract<Shape, readonly unknown[]> {
  return Array.isArray(shape) && shape[0] === kind;
}

/** The field `number` with `value`, once or, for lists, once for each item. */
function encodeField(number: number, shape: Shape, value: unknown): Buffer {
  if (shape === 'bool') return Buffer.concat([varint(number * 8), varint(value === true ? 1 : 0)]);
  if (isWrapped(shape, 'list')) return Buffer.concat((value as unknown[]).map((item) => encodeField(number, shape[1] as Shape, item)));
  return field(number, encodeValue(shape, value));
}

function encodeValue(shape: Shape, value: unknown): Buffer {
  if (shape === 'string') return Buffer.from(String(value));
  if (shape === 'any') return anyOf(value);
  if (isWrapped(shape, 'in')) return encodeField(shape[1] as number, shape[2] as Shape, value);
  if (isWrapped(shape, 'by')) return encodeValue((shape[1] as (value: Json) => Shape)(value as Json), value);
  return encodeMessage(shape as Message, value as Json);
}

function encodeMember(message: Message, key: string, value: unknown): Buffer[] {
  const known = Object.hasOwn(message.fields, key) ? message.fields[key] : undefined;
  if (known) return [encodeField(known[0], known[1](), value)];
  const name = field(1, Buffer.from(key));
  if (message.rest) return [field(message.rest[0], Buffer.concat([name, field(2, encodeValue(message.rest[1](), value))]))];
  if (message.extensions === undefined || !key.startsWith('x-')) return [];
  return [field(message.extensions, Buffer.concat([name, field(2, anyOf(value))]))];
}

function encodeMessage(message: Message, value: Json): Buffer {
  return Buffer.concat(Object.entries(value).flatMap(([key, member]) => encodeMember(message, key, member)));
}

/** `swagger` is a whole OpenAPI v2 document. */
export function encodeSwagger(swagger: Json): Buffer {
  return encodeMessage(document, swagger);
}
