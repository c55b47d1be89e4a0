import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { FakeClock } from '@podling/shared/testing';
import { systemClock } from '@podling/shared/util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogAttachment } from './log-attach.ts';
import { attachFrame } from './log-process/attach-frames.ts';

const patience = { timeout: 15_000 };
const MiB = 1024 * 1024;
const both = ['stdout', 'stderr'] as const;

let folder: string;
let path: string;
let server: Server;
let sockets: Socket[];
/** What the log process does with one who wants to listen. */
let answer: (socket: Socket) => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'podling-log-attach-'));
  path = join(folder, 'sock');
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.once('data', () => answer(socket));
  });
  server.listen(path);
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const open = (clock = systemClock): Promise<LogAttachment> => LogAttachment.open(path, 'c', [...both], clock);
const yes = (socket: Socket): boolean => socket.write('{"sequence":1,"attached":true}\n');

describe('one who listens to a container', () => {
  it('hears both outputs to their ends', async () => {
    answer = (socket) => {
      yes(socket);
      for (const stream of both) for (const said of [`${stream} says`, '']) socket.write(attachFrame(stream, Buffer.from(said)));
    };
    const attachment = await open();
    expect(await Promise.all(both.map((stream) => text(attachment.output(stream) as Readable)))).toEqual(['stdout says', 'stderr says']);
    attachment.close();
  });

  it('makes the container wait with one output, whatever is read of the other', async () => {
    let sent = 0;
    answer = (socket) => {
      yes(socket);
      const say = (): void => {
        for (let more = true; more && sent < 16 * MiB; sent += 8 * 1024) {
          more = socket.write(Buffer.concat([attachFrame('stdout', Buffer.alloc(8 * 1024)), attachFrame('stderr', Buffer.from('!'))]));
        }
      };
      socket.on('drain', say);
      say();
    };
    const attachment = await open();
    attachment.output('stderr')?.resume();
    let [before, stuck] = [-1, 0];
    await vi.waitFor(() => {
      stuck = sent === before ? stuck + 1 : 0;
      before = sent;
      expect(stuck).toBeGreaterThan(3);
    }, { interval: 50, ...patience });
    expect(sent).toBeLessThan(2 * MiB);
    attachment.output('stdout')?.resume();
    await vi.waitFor(() => expect(sent).toBe(16 * MiB), patience);
    attachment.close();
  });

  it('who has heard enough still reads what has come', async () => {
    answer = (socket) => void (yes(socket) && socket.write(attachFrame('stdout', Buffer.from('said'))));
    const attachment = await open();
    await vi.waitFor(() => expect(attachment.output('stdout')?.readableLength).toBe(4), patience);
    attachment.end();
    expect(await Promise.all(both.map((stream) => text(attachment.output(stream) as Readable)))).toEqual(['said', '']);
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), patience);
  });

  it('is told when nobody reads the container, or answers', async () => {
    answer = (socket) => void socket.write('{"sequence":1,"attached":false}\n');
    await expect(open()).rejects.toMatchObject({ code: 'Unavailable', message: 'log process: nobody reads container c' });
    const clock = new FakeClock();
    answer = () => void clock.advance(10_000);
    await expect(open(clock)).rejects.toMatchObject({ code: 'Unavailable', message: 'log process: no answer' });
    expect(clock.pendingTimers).toBe(0);
  });
});
