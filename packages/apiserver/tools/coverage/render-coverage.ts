import type { Promised } from './promises.ts';
import { proofOf } from './proofs.ts';

function row({ name }: Promised): string {
  const proof = proofOf(name);
  return `| ${name} | ${proof ? `[${proof[0]}](../packages/apiserver/src/api-tests/${proof[0]}.test.ts): ${proof[1]}` : '—'} |`;
}

/** `docs/api-coverage.md`. */
export function renderCoverage(promises: readonly Promised[]): string {
  const sections = [...Map.groupBy(promises, ({ section }) => section)];
  return `${[
    '# What the API does, and what shows it',
    '',
    'Made from what a running apiserver says of itself in discovery and OpenAPI, by `packages/apiserver/tools/api-coverage.ts`; a test',
    'keeps this file equal to it. Every test named here runs on memory and on etcd. A dash would be a promise that nothing shows; the',
    'test fails while there is one.',
    ...sections.flatMap(([section, members]) => ['', `## ${section}`, '', '| what | shown by |', '|---|---|', ...members.map(row)]),
  ].join('\n')}\n`;
}
