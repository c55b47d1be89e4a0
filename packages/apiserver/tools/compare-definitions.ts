/**
 * Prints every difference between our schemas and Kubernetes' published definitions, and exits with 1 if one of them is not
 * meant to be:
 *
 *     npm run definitions --workspace packages/apiserver
 *
 * The definitions come from the Python package that `definitions/requirements.txt` pins, through pip.
 */
import { compareDefinitions } from './definitions/compare.ts';
import { fetchDefinitions } from './definitions/fetch-definitions.ts';
import { intendedDifferences } from './definitions/intended-differences.ts';
import { ourDefinitions } from './definitions/our-definitions.ts';

const ours = ourDefinitions();
const differences = compareDefinitions(ours, await fetchDefinitions());
for (const line of differences) process.stdout.write(`${line}${line in intendedDifferences ? ` (intended: ${intendedDifferences[line]})` : ''}\n`);
process.stdout.write(`${ours.size} definitions, ${differences.length} differences\n`);
process.exitCode = differences.every((line) => line in intendedDifferences) ? 0 : 1;
