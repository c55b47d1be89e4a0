import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addContainerdCommands } from './containerd-commands.ts';

function run(...words: string[]): void {
  const program = new Command();
  addContainerdCommands(program);
  program.parse(words, { from: 'user' });
}

describe('check-containerd', () => {
  it('says of a folder that it is one, and what to name', () => {
    expect(() => run('check-containerd', import.meta.dirname)).toThrow(`${import.meta.dirname} is a folder: name the file in it that containerd is started with, by default /etc/containerd/config.toml`);
  });

  it('says how to make a file that is not there', () => {
    expect(() => run('check-containerd', '/nope/config.toml')).toThrow(/^there is no \/nope\/config\.toml: .*containerd-config > \/nope\/config\.toml/);
  });
});
