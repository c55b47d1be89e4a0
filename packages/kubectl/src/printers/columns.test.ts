import { describe, expect, it } from 'vitest';
import { ColumnPrinter } from './columns.ts';
import { paintState } from './paint.ts';

describe('ColumnPrinter', () => {
  it('puts three spaces between columns and none at the end', () => {
    expect(new ColumnPrinter().print([['NAME', 'AGE'], ['web-server', '5s']])).toBe('NAME         AGE\nweb-server   5s\n');
  });

  it('keeps later rows under the header', () => {
    const printer = new ColumnPrinter();
    printer.print([['NAME', 'AGE'], ['web-server', '5s']]);
    expect(printer.print([['a', '6s']])).toBe('a            6s\n');
  });

  it('narrows the gaps first when the terminal is too small', () => {
    expect(new ColumnPrinter({ terminalColumns: 14 }).print([['NAME', 'AGE'], ['web-server', '5s']])).toBe('NAME       AGE\nweb-server 5s\n');
  });

  it('then cuts the longest cells, but never the names', () => {
    const name = 'a-rather-long-name-that-people-copy';
    const text = new ColumnPrinter({ terminalColumns: 50 }).print([[name, 'message '.repeat(10)]]);
    expect(text).toBe(`${name} message messa…\n`);
  });

  it('cuts nothing where there is no terminal', () => {
    const message = 'message '.repeat(50).trim();
    expect(new ColumnPrinter().print([['a', message]])).toBe(`a     ${message}\n`);
  });

  it('colours states without moving the columns', () => {
    const text = new ColumnPrinter({ paint: paintState }).print([['web', 'Running', '5s'], ['db', 'Error', '5s']], ['NAME', 'STATUS', 'AGE']);
    expect(text).toBe('web   \u001b[32mRunning\u001b[39m   5s\ndb    \u001b[31mError\u001b[39m     5s\n');
  });
});
