import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One finished test as vitest's JSON reporter gives it. */
export interface TestResult {
  file: string;
  title: string;
  status: 'passed' | 'failed' | 'skipped';
}

interface VitestReport {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

function statusOf(status: string): TestResult['status'] {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped';
}

function resultsOf(report: VitestReport): TestResult[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const results = assertionResults.map((a): TestResult => ({ file: name, title: a.fullName, status: statusOf(a.status) }));
    const brokenFile = status === 'failed' && !results.some((r) => r.status === 'failed');
    return brokenFile ? [...results, { file: name, title: message ?? 'the file did not run', status: 'failed' as const }] : results;
  });
}

/** All results of the JSON reports in a folder; an absent folder is an empty list. */
export function readReports(folder: string): TestResult[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => resultsOf(JSON.parse(readFileSync(join(folder, name), 'utf8')) as VitestReport));
}
