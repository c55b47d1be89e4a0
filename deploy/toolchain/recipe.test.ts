import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modulesFolder, recipeOf } from './recipe.ts';
import type { Tool } from './tool.ts';

const tool: Tool = {
  name: 'thing', path: 'bin/thing', probe: { args: [], pattern: /x/ },
  sources: [{ kind: 'module', module: 'thing', package: '.', version: '1.0.0', cgo: false }],
};
let modules = '';

beforeAll(async () => {
  modules = await mkdtemp(join(tmpdir(), 'podling-modules-'));
  await mkdir(join(modules, 'thing'));
});
afterAll(() => rm(modules, { recursive: true }));

describe('the recipe of a tool', () => {
  it('is another one when the program of ours that it is built from changes', async () => {
    const recipes = new Set([recipeOf(tool, modules)]);
    for (const text of ['package main // 1', 'package main // 2']) {
      await writeFile(join(modules, 'thing/main.go'), text);
      recipes.add(recipeOf(tool, modules));
      recipes.add(recipeOf(tool, modules));
    }
    expect(recipes.size).toBe(3);
  });

  it('looks for such programs where they are', () => {
    expect(['coredns', 'pod-dial'].filter((module) => !existsSync(join(modulesFolder, module, 'main.go')))).toEqual([]);
  });
});
