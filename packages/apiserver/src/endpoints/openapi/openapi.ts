import { createHash } from 'node:crypto';
import type { ServedResource } from '../endpoint.ts';
import { Components } from './components.ts';
import { describeWith } from './descriptions.ts';
import { chaptersOf, makeDocument } from './document.ts';
import type { Chapter } from './document.ts';
import { encodeSwagger } from './swagger-protobuf.ts';
import { makeSwagger } from './swagger.ts';

/** A document as it goes over the wire. */
export interface OpenApiBytes {
  body: Buffer;
  /** In capitals; the same for the same document, on every server. */
  hash: string;
}

function seal(document: object): OpenApiBytes {
  return sealBytes(Buffer.from(JSON.stringify(document)));
}

function sealBytes(body: Buffer): OpenApiBytes {
  return { body, hash: createHash('sha512').update(body).digest('hex').toUpperCase() };
}

/**
 * The OpenAPI documents of what is served, rendered from the schemas of the scheme when they are first asked for: a server
 * that nobody asks keeps neither documents nor descriptions. Upstream twin: kube-openapi's builder and handler.
 */
export class OpenApi {
  readonly #served: readonly ServedResource[];
  readonly #chapters: ReadonlyMap<string, Chapter>;
  #components: Promise<Components> | undefined;
  #documents: Promise<Map<string, OpenApiBytes>> | undefined;
  #swagger: Promise<OpenApiBytes> | undefined;
  #swaggerProtobuf: Promise<OpenApiBytes> | undefined;

  constructor(served: readonly ServedResource[]) {
    this.#served = served;
    this.#chapters = chaptersOf(served);
  }

  async #describe(): Promise<Components> {
    const { descriptions } = await import('./descriptions/index.ts');
    return new Components(this.#served, describeWith(descriptions));
  }

  async #makeAll(): Promise<Map<string, OpenApiBytes>> {
    const components = await (this.#components ??= this.#describe());
    return new Map([...this.#chapters].map(([path, chapter]) => [path, seal(makeDocument(chapter, components))]));
  }

  async #makeSwagger(): Promise<Record<string, unknown>> {
    const components = await (this.#components ??= this.#describe());
    return makeSwagger([...this.#chapters.values()], components);
  }

  /** Below `/openapi/v3/`, in the order of their paths. */
  get paths(): string[] {
    return [...this.#chapters.keys()];
  }

  /** `/openapi/v3`: where the documents are. */
  async index(): Promise<object> {
    const documents = await (this.#documents ??= this.#makeAll());
    const paths = [...documents].map(([path, { hash }]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }] as const);
    return { paths: Object.fromEntries(paths) };
  }

  /** The v3 document of `api/v1` and its like; undefined for what is not served. */
  async document(path: string): Promise<OpenApiBytes | undefined> {
    return (await (this.#documents ??= this.#makeAll())).get(path);
  }

  /** The v2 document of everything. */
  swagger(): Promise<OpenApiBytes> {
    return (this.#swagger ??= this.#makeSwagger().then(seal));
  }

  /** The same in protobuf. */
  swaggerProtobuf(): Promise<OpenApiBytes> {
    return (this.#swaggerProtobuf ??= this.#makeSwagger().then((swagger) => sealBytes(encodeSwagger(swagger))));
  }
}
