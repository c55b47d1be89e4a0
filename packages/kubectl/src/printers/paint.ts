/** Colours one cell by the column it stands in. */
export type Paint = (column: string, cell: string) => string;

const GOOD = new Set(['Running', 'Ready', 'Active', 'Completed', 'Succeeded', 'Normal']);
const BAD = /Error|BackOff|Failed|NotReady|OOMKilled|Evicted|Unknown|Invalid|NeverPull/;

/** Green for well, red for broken, yellow for on the way; only in columns that hold a state. */
export const paintState: Paint = (column, cell) => {
  if (column !== 'STATUS' || cell === column) return cell;
  const color = BAD.test(cell) ? 'red' : GOOD.has(cell) ? 'green' : 'yellow';
  // Not imported: a module namespace of node:util loads twenty other modules.
  return process.getBuiltinModule('node:util').styleText(color, cell, { validateStream: false });
};
