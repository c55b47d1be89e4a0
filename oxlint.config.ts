import { fences, layerings, packageArrows } from './lint/arrows.ts';

interface RestrictedPattern {
  regex: string;
  message: string;
}

interface Override {
  files: string[];
  rules: Record<string, unknown>;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const isFile = (place: string): boolean => place.endsWith('.ts');
const filesOf = (root: string, place: string): string => (isFile(place) ? `${root}/${place}` : `${root}/${place}/**`);

function packagePatterns(folder: string): RestrictedPattern[] {
  const forbidden = packageArrows[folder] ?? [];
  return [
    { regex: `^@podling/(${forbidden.map(escape).join('|')})(/|$)`, message: `${folder} may not import that package (ARCHITECTURE.md, arrows)` },
    { regex: '^(\\.\\./)+([a-z-]+/)*(src|deploy|test|bench)/', message: 'import packages by name, never by path' },
  ];
}

function layerPattern(place: string, depthFolder: boolean, target: string): RestrictedPattern {
  const prefix = depthFolder ? '^(\\.\\./)+' : '^\\./';
  const suffix = isFile(target) ? '$' : '/';
  return { regex: `${prefix}${escape(target)}${suffix}`, message: `${place} may not import ${target} (ARCHITECTURE.md, arrows)` };
}

function layerPatterns(folder: string): { place: string; patterns: RestrictedPattern[] }[] {
  return layerings
    .filter(({ root }) => root.startsWith(`${folder}/`))
    .flatMap(({ layers }) =>
      layers.flatMap((layer, index) =>
        layer.map((place) => ({
          place,
          patterns: layers.slice(0, index).flat().map((above) => layerPattern(place, !isFile(place), above)),
        })),
      ),
    );
}

function fencePatterns(file: string): RestrictedPattern[] {
  return fences
    .filter(({ allowedIn }) => !allowedIn.some((place) => file === place || file.startsWith(`${place}/`)))
    .map(({ module, why }) => ({ regex: `^${escape(module)}(/|$)`, message: why }));
}

function restricted(files: string[], patterns: RestrictedPattern[]): Override {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** The last override that matches a file wins, so each one carries everything that holds for its files. */
function arrowOverrides(): Override[] {
  return Object.keys(packageArrows).flatMap((folder) => {
    const source = `${folder}/src`;
    const base = packagePatterns(folder);
    const places = layerPatterns(folder);
    const fenced = fences.flatMap(({ allowedIn }) => allowedIn).filter((place) => place.startsWith(source));
    return [
      restricted([`${source}/**`], [...base, ...fencePatterns(source)]),
      ...places.map(({ place, patterns }) =>
        restricted([filesOf(source, place)], [...base, ...patterns, ...fencePatterns(`${source}/${place}`)]),
      ),
      ...fenced
        .filter((place) => !places.some((known) => `${source}/${known.place}` === place))
        .map((place) => {
          const relative = place.slice(source.length + 1);
          const outer = places.find((known) => relative.startsWith(`${known.place}/`));
          return restricted([isFile(relative) ? place : `${place}/**`], [...base, ...(outer?.patterns ?? []), ...fencePatterns(place)]);
        }),
    ];
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
