import { basename } from 'node:path';
import type { FieldEntry } from './field-entry.ts';

const head = `# Fields of a pod

What becomes of each field of \`spec\`. Made by \`node test/pod-fields/main.ts\` from \`test/pod-fields/pod-fields.ts\`; a test keeps it equal to the schema, to the tests it names, and to the sources. A row stands for the field and all that is in it, unless a field in it has a row of its own. What stands under \`containers\` holds for init and ephemeral containers too, where Kubernetes lets them have the field.

`;

const sections = {
  'acted on': 'Acted on',
  refused: 'Refused on the node',
  stored: 'Stored only',
} as const;

export function renderPodFields(entries: Readonly<Record<string, FieldEntry>>): string {
  const parts = Object.entries(sections).map(([state, title]) => {
    const rows = Object.entries(entries).filter(([, entry]) => entry.state === state).map(([path, entry]) => row(path, entry));
    return `## ${title}\n\n| field | what it does | shown by |\n|---|---|---|\n${rows.join('')}`;
  });
  return head + parts.join('\n');
}

function row(path: string, { note, shownBy }: FieldEntry): string {
  const proof = shownBy === undefined ? '' : `[${basename(shownBy[0], '.test.ts')}](../${shownBy[0]})`;
  return `| \`${path}\` | ${note} | ${proof} |\n`;
}
