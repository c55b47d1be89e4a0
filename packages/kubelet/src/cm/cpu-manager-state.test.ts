import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCpuSet, parseCpuSet } from '@podling/shared/util';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../testing/temp-dir.ts';
import { CpuManagerState } from './cpu-manager-state.ts';

const file = async (content?: object | string): Promise<string> => {
  const path = join(await tempDir(), 'cpu_manager_state');
  if (content !== undefined) await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const two = { pod: { container1: '4-6', container2: '1-3' } };

describe('CpuManagerState', () => {
  it.each([
    ['none', '4-6', {}, 354_655_845],
    ['none', '1-3', two, 3_610_638_499],
  ])('reads and writes what Kubernetes does: %s %s', async (policyName, defaultCpuSet, entries, checksum) => {
    const path = await file({ policyName, defaultCpuSet, entries, checksum });
    const state = new CpuManagerState(path, policyName);
    expect(formatCpuSet(state.shared)).toBe(defaultCpuSet);
    state.replace(state.shared, state.assignments());
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ policyName, defaultCpuSet, ...(Object.keys(entries).length > 0 ? { entries } : {}), checksum });
  });

  it('comes back after a restart', async () => {
    const path = await file();
    new CpuManagerState(path, 'static').replace(parseCpuSet('0'), new Map([['u', new Map([['web', parseCpuSet('1')]])], ['gone', new Map()]]));
    const state = new CpuManagerState(path, 'static');
    expect([formatCpuSet(state.shared), formatCpuSet(state.of('u', 'web') ?? new Set()), state.of('u', 'other'), state.assignments().size]).toEqual(['0', '1', undefined, 1]);
  });

  it.each([
    [{ policyName: 'none', defaultCpuSet: '', checksum: 0 }, 'configured policy "static" differs from state checkpoint policy "none"'],
    [{ policyName: 'static', defaultCpuSet: '0-1', checksum: 1337 }, 'checkpoint is corrupted'],
    [{ policyName: 'static', defaultCpuSet: 'x', checksum: 0 }, 'is no list of CPUs'],
    [{ policyName: 'static', defaultCpuSet: '0', entries: { container: '1' }, checksum: 0 }, 'checkpoint is corrupted'],
    ['{', 'JSON'],
  ])('refuses %j with the way out', async (content, problem) => {
    const path = await file(content);
    expect(() => new CpuManagerState(path, 'static')).toThrow(problem);
    expect(() => new CpuManagerState(path, 'static')).toThrow(`please drain this node and delete the CPU manager checkpoint file "${path}" before restarting Kubelet`);
  });
});
