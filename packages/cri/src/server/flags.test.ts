import { expect, it, onTestFinished, vi } from 'vitest';
import { parseFlags } from './flags.ts';

it.each([['/run/cri.sock', 'not a unix socket: /run/cri.sock'], [`unix:///${'x'.repeat(200)}`, 'may not be longer than 107 bytes']])('cri-server refuses --listen %s in one sentence', (listen, message) => {
  const said: unknown[] = [];
  const mocks = [
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(text) > 0),
  ];
  onTestFinished(() => mocks.forEach((mock) => mock.mockRestore()));
  expect(() => parseFlags(['--listen', listen])).toThrow('exit 1');
  expect(said.join('')).toContain(message);
});
