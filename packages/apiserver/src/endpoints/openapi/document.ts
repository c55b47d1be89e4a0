import { apiVersionOf } from '@podling/shared/scheme';
import type { ServedResource } from '../endpoint.ts';
import { versionInfo } from '../version.ts';
import type { Components } from './components.ts';
import { definitionName } from './definition-name.ts';
import { wireModel } from './models.ts';
import type { PathItem } from './operation.ts';
import { pathsOf } from './paths.ts';
import { refTo } from './render-schema.ts';
import { groupTitle, tagOf, titleCase } from './titles.ts';

/** An OpenAPI v3 document. */
export interface OpenApiDocument {
  openapi: '3.0.0';
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components: { schemas?: Record<string, object>; securitySchemes: object };
}

/** One document before it is made. */
export interface Chapter {
  paths(): Record<string, PathItem>;
  groupVersion?: { group: string; version: string };
  /** Definitions that belong here although no path names them. */
  extra?: readonly string[];
}

function page(tag: string, operationId: string, description: string, model: string): PathItem {
  const content = Object.fromEntries(['application/json', 'application/yaml'].map((type) => [type, { schema: refTo(definitionName(wireModel(model).name)) }]));
  const responses = { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } };
  return { get: { tags: [tag], description, operationId, responses } };
}

function resourceChapter(root: string, resources: readonly ServedResource[], groupVersion: { group: string; version: string }): Chapter {
  const title = groupTitle(groupVersion);
  const tag = tagOf(groupVersion);
  return {
    paths: () => Object.fromEntries([
      [`/${root}/`, page(tag, `get${title}APIResources`, 'get available resources', 'APIResourceList')],
      ...resources.flatMap((resource) => pathsOf(resource, `/${root}`)),
    ]),
    groupVersion,
    extra: resources.some(({ handlers }) => Object.hasOwn(handlers, 'watch')) ? [definitionName('meta.v1.WatchEvent')] : [],
  };
}

function groupChapter(group: string): Chapter {
  const short = group.split('.')[0] ?? '';
  return { paths: () => ({ [`/apis/${group}/`]: page(short, `get${titleCase(short)}APIGroup`, 'get information of a group', 'APIGroup') }) };
}

/** The documents there are, by their path below `/openapi/v3/`. */
export function chaptersOf(served: readonly ServedResource[]): Map<string, Chapter> {
  const rootOf = ({ info }: ServedResource): string => (info.group === '' ? `api/${info.version}` : `apis/${apiVersionOf(info)}`);
  const groups = new Set(served.map(({ info }) => info.group).filter((group) => group !== ''));
  const chapters: [string, Chapter][] = [
    ['api', { paths: () => ({ '/api/': page('core', 'getCoreAPIVersions', 'get available API versions', 'APIVersions') }) }],
    ['apis', { paths: () => ({ '/apis/': page('apis', 'getAPIVersions', 'get available API versions', 'APIGroupList') }) }],
    ['version', { paths: () => ({ '/version/': page('version', 'getCodeVersion', 'get the version information for this server', 'Info') }) }],
    ...[...groups].map((group): [string, Chapter] => [`apis/${group}`, groupChapter(group)]),
    ...[...Map.groupBy(served, rootOf)].map(([root, resources]): [string, Chapter] => {
      const { group = '', version = '' } = resources[0]?.info ?? {};
      return [root, resourceChapter(root, resources, { group, version })];
    }),
  ];
  return new Map(chapters.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export function makeDocument({ paths: makePaths, groupVersion, extra = [] }: Chapter, components: Components): OpenApiDocument {
  const paths = makePaths();
  const schemas = components.reachedFrom(paths, { extra, ...(groupVersion ? { within: groupVersion } : {}) });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `${versionInfo.major}.${versionInfo.minor}` },
    paths,
    components: {
      schemas,
      securitySchemes: { BearerToken: { type: 'apiKey', description: 'A bearer token in the header `Authorization`.', name: 'authorization', in: 'header' } },
    },
  };
}
