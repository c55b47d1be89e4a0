import { fences, layerings, lightFiles, packageArrows } from './lint/arrows.ts';

type RestrictedPattern = { message: string } & ({ regex: string } | { group: string[]; allowTypeImports: boolean });

interface Override {
  files: string[];
  rules: Record<string, unknown>;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const isFile = (place: string): boolean => place.endsWith('.ts');

function packagePatterns(folder: string): RestrictedPattern[] {
  const forbidden = packageArrows[folder] ?? [];
  return [
    { regex: `^@podling/(${forbidden.map(escape).join('|')})(/|$)`, message: `${folder} may not import that package (ARCHITECTURE.md, arrows)` },
    { regex: '^(\\.\\./)+([a-z-]+/)*(src|deploy|test|bench)/', message: 'import packages by name, never by path' },
  ];
}

function layerPattern(place: string, target: string): RestrictedPattern {
  const prefix = isFile(place) ? '^\\./' : '^(\\.\\./)+';
  const suffix = isFile(target) ? '$' : '/';
  return { regex: `${prefix}${escape(target)}${suffix}`, message: `${place} may not import ${target} (ARCHITECTURE.md, arrows)` };
}

interface Place {
  /** From the root of the repository. */
  path: string;
  patterns: RestrictedPattern[];
}

function layerPlaces(folder: string): Place[] {
  return layerings
    .filter(({ root }) => root.startsWith(`${folder}/`))
    .flatMap(({ root, layers }) =>
      layers.flatMap((layer, index) =>
        layer.map((place) => ({ path: `${root}/${place}`, patterns: layers.slice(0, index).flat().map((above) => layerPattern(place, above)) })),
      ),
    );
}

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** A package by its name; a folder by the end of the relative path that leads to it. */
function fenceRegex(module: string): string {
  const [, parent, name] = /^packages\/.*\/([^/]+)\/([^/]+)$/.exec(module) ?? [];
  return parent && name ? `^(\\./|(\\.\\./)+)(${escape(parent)}/)?${escape(name)}/` : `^${escape(module)}(/|$)`;
}

function fencePatterns(path: string): RestrictedPattern[] {
  return fences
    .filter(({ module }) => !module.startsWith('packages/') || module.split('/')[1] === path.split('/')[1])
    .filter(({ allowedIn }) => !allowedIn.some((place) => isWithin(path, place)))
    .map(({ module, why }) => ({ regex: fenceRegex(module), message: why }));
}

function lightPatterns(path: string): RestrictedPattern[] {
  return lightFiles
    .filter(({ root, files }) => files.some((file) => path === `${root}/${file}`))
    .map(({ files }) => ({
      group: ['./*.ts', './*/**/*.ts', ...files.map((file) => `!./${file}`)],
      allowTypeImports: true,
      message: 'this file loads quickly: types only (lint/arrows.ts, light files)',
    }));
}

/** The last override that matches a file wins: outer places come first, and each carries everything that holds for its files. */
function arrowOverrides(): Override[] {
  return Object.keys(packageArrows).flatMap((folder) => {
    const source = `${folder}/src`;
    const layered = layerPlaces(folder);
    const fenced = fences.flatMap(({ allowedIn }) => allowedIn);
    const light = lightFiles.flatMap(({ root, files }) => files.map((file) => `${root}/${file}`));
    const paths = new Set([source, ...layered.map(({ path }) => path), ...[...fenced, ...light].filter((path) => isWithin(path, source))]);
    return [...paths].toSorted((a, b) => a.split('/').length - b.split('/').length).map((path) => {
      const layer = layered.filter((place) => isWithin(path, place.path)).flatMap(({ patterns }) => patterns);
      const patterns = [...packagePatterns(folder), ...layer, ...fencePatterns(path), ...lightPatterns(path)];
      return { files: [isFile(path) ? path : `${path}/**`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
    });
  });
}

export default {
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise'],
  categories: { correctness: 'error', suspicious: 'off' },
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-meaningless-void-operator': 'off',
    'typescript/unbound-method': 'off',
    'no-var': 'error',
    'prefer-const': 'error',
    eqeqeq: 'error',
    'max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
    'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
  },
  overrides: [
    {
      files: ['**/*.test.ts', '**/*.contract.ts', 'test/**'],
      rules: { 'max-lines-per-function': 'off', 'max-lines': 'off', 'typescript/no-explicit-any': 'off' },
    },
    { files: ['**/*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    ...arrowOverrides(),
  ],
  ignorePatterns: ['**/node_modules/**', '.nx/**', 'lint/testdata/**'],
};
