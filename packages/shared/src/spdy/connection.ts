import type { Duplex } from 'node:stream';
import { hangUp } from '../util/upgrade.ts';
import { controlFrame, dataFrameHead, FLAG_FIN, FrameReader, frameTypes, uint32s } from './frames.ts';
import type { ControlFrame, DataPart } from './frames.ts';
import { HeaderReader, HeaderWriter } from './headers.ts';
import type { SpdyHeaders } from './headers.ts';
import { SpdyStream } from './stream.ts';

export interface SpdyOptions {
  role: 'client' | 'server';
  /** A stream that the other side opened: `reply` to it, or destroy it. Default: none is taken. */
  onStream?: (stream: SpdyStream) => void;
}

const MAX_STREAMS = 1_000;
const MAX_DATA_BYTES = 64 * 1024;
/** That wait for a side which asks on and does not read. */
const MAX_UNREAD_ANSWERS = 10_000;
const RST_PROTOCOL_ERROR = 1;
const RST_REFUSED = 3;
const RST_CANCEL = 5;

/**
 * SPDY/3.1 on a socket that has been upgraded, as far as Kubernetes' streams use it: streams with headers that either side
 * opens, each half-closing, resets, pings, goaway. Windows are not kept, as by Kubernetes' own clients and servers: a reader
 * that does not read stops the whole connection. Twin: moby/spdystream.
 */
export class SpdyConnection {
  readonly #socket: Duplex;
  readonly #options: SpdyOptions;
  readonly #frames = new FrameReader();
  readonly #headersIn = new HeaderReader();
  readonly #headersOut = new HeaderWriter();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #closed = Promise.withResolvers<void>();
  #nextId: number;
  #lastPeerId = 0;
  #reading: Promise<void> = Promise.resolve();
  /** Of headers, that are being read. */
  #turns = 0;
  /** Streams whose readers have enough for now. */
  readonly #full = new Set<SpdyStream>();
  readonly #waiting: (() => void)[] = [];
  #unreadAnswers = 0;
  #pings = 0;
  #heard = 0;
  #said = 0;
  #sent = 0;
  #ended = false;

  /** `head`: what came with the upgrade. */
  constructor(socket: Duplex, options: SpdyOptions, head: Buffer = Buffer.alloc(0)) {
    this.#socket = socket;
    this.#options = options;
    this.#nextId = options.role === 'client' ? 1 : 2;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#over(new Error('the other side closed the connection')));
    socket.on('error', (error) => this.#over(error));
    socket.on('close', () => this.#over(new Error('the connection was closed')));
    if (head.length > 0) this.#take(head);
  }

  /** Resolves when the connection has ended, whoever ended it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Frames that have come so far, of whatever kind. */
  get heard(): number {
    return this.#heard;
  }

  /** Streams opened and data sent, in both directions so far: pings and what belongs to them aside. */
  get said(): number {
    return this.#said;
  }

  /** Streams opened and data sent by this side so far. */
  get sent(): number {
    return this.#sent;
  }

  /** False while streams that nobody reads keep it from reading on. */
  get listens(): boolean {
    return this.#full.size === 0;
  }

  /** Asks for a frame: the other side answers it with its own. */
  ping(): void {
    if (this.#ended || this.#socket.writableNeedDrain) return;
    this.#pings = (this.#pings + 2) & 0x7fff_ffff;
    this.#write(controlFrame(frameTypes.PING, 0, uint32s(this.#pings + (this.#nextId % 2))));
  }

  open(headers: SpdyHeaders): SpdyStream {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = this.#add(id, headers);
    this.#sent += 1;
    if (this.#ended) stream.destroy(new Error('the connection is closed'));
    else this.#write(controlFrame(frameTypes.SYN_STREAM, 0, uint32s(id, 0), Buffer.alloc(2), this.#headersOut.block(headers)));
    return stream;
  }

  /** Accepts a stream that the other side opened. */
  reply(stream: SpdyStream, headers: SpdyHeaders = {}): void {
    if (!stream.destroyed && !this.#ended) this.#write(controlFrame(frameTypes.SYN_REPLY, 0, uint32s(stream.id), this.#headersOut.block(headers)));
  }

  /** Says good-bye, and lets what was written go out; the other side's own is not waited for without end. */
  close(): void {
    if (this.#ended) return;
    this.#write(controlFrame(frameTypes.GOAWAY, 0, uint32s(this.#lastPeerId, 0)));
    this.#socket.end();
    this.#end(new Error('the connection was closed'));
  }

  #add(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream(id, headers, {
      send: (one, data, fin, callback) => this.#send(one, data, fin, callback),
      wanted: (one) => this.#resume(one),
      released: (one, reset) => this.#release(one, reset),
    });
    this.#streams.set(id, stream);
    this.#said += 1;
    return stream;
  }

  /** Frames go in order, though headers take a turn to be read: what comes meanwhile waits for it. */
  #take(chunk: Buffer): void {
    const read = (): Promise<void> | undefined => this.#read(this.#frames.read(chunk));
    if (this.#turns > 0) return this.#wait(this.#reading.then(read));
    try {
      const turn = read();
      if (turn !== undefined) this.#wait(turn);
      else if (this.#full.size > 0) this.#socket.pause();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  /** Resolves when all are read; undefined if they are already. */
  #read(frames: Generator<ControlFrame | DataPart>): Promise<void> | undefined {
    for (let next = frames.next(); next.done !== true && !this.#ended; next = frames.next()) {
      this.#heard += 1;
      if (next.value.kind === 'data') this.#data(next.value);
      else {
        const turn = this.#control(next.value);
        if (turn !== undefined) return turn.then(() => this.#read(frames));
      }
    }
    return undefined;
  }

  #wait(turn: Promise<void>): void {
    this.#turns += 1;
    this.#socket.pause();
    this.#reading = turn.catch((error: unknown) => this.#end(error as Error)).then(() => {
      this.#turns -= 1;
      this.#listenAgain();
    });
  }

  #listenAgain(): void {
    if (this.#turns === 0 && this.#full.size === 0 && !this.#ended) this.#socket.resume();
  }

  #data({ streamId, data, fin }: DataPart): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) return;
    this.#said += 1;
    if (!stream.receive(data)) this.#full.add(stream);
    if (fin) stream.peerEnded();
  }

  /** A promise where it takes a turn. */
  #control({ type, flags, body }: ControlFrame): Promise<void> | undefined {
    if (type === frameTypes.SYN_STREAM) return this.#opened(body, flags);
    if (type === frameTypes.SYN_REPLY || type === frameTypes.HEADERS) return this.#headers(type, body, flags);
    if (type === frameTypes.RST_STREAM) this.#reset(body);
    // An answer has the parity of who asked.
    if (type === frameTypes.PING && idOf(body) % 2 !== this.#nextId % 2) this.#answer(controlFrame(type, 0, body.subarray(0, 4)));
    if (type === frameTypes.GOAWAY && this.#streams.size === 0) this.#socket.end();
    return undefined;
  }

  async #opened(body: Buffer, flags: number): Promise<void> {
    if (body.length < 10) throw new Error('a frame of SPDY is cut off');
    // Read even if it is refused: all headers are one stream.
    const headers = await this.#headersIn.read(body.subarray(10));
    const id = idOf(body);
    const { onStream } = this.#options;
    if (id % 2 === this.#nextId % 2 || id <= this.#lastPeerId) throw new Error('a stream has a wrong number');
    this.#lastPeerId = id;
    if (onStream === undefined || this.#streams.size >= MAX_STREAMS) {
      this.#answer(controlFrame(frameTypes.RST_STREAM, 0, uint32s(id, RST_REFUSED)));
      return;
    }
    const stream = this.#add(id, headers);
    if ((flags & FLAG_FIN) !== 0) stream.peerEnded();
    onStream(stream);
  }

  #reset(body: Buffer): void {
    const stream = this.#streams.get(idOf(body));
    if (stream === undefined) return;
    this.#streams.delete(stream.id);
    this.#resume(stream);
    stream.lose(new Error(`the other side reset the stream (${body.length < 8 ? 0 : body.readUInt32BE(4)})`));
  }

  async #headers(type: number, body: Buffer, flags: number): Promise<void> {
    await this.#headersIn.read(body.subarray(4));
    const stream = this.#streams.get(idOf(body));
    if (stream === undefined) {
      this.#answer(controlFrame(frameTypes.RST_STREAM, 0, uint32s(idOf(body), RST_PROTOCOL_ERROR)));
      return;
    }
    if (type === frameTypes.SYN_REPLY) stream.accept();
    if ((flags & FLAG_FIN) !== 0) stream.peerEnded();
  }

  #send(stream: SpdyStream, data: Buffer, fin: boolean, callback: (error?: Error | null) => void): void {
    if (this.#streams.get(stream.id) !== stream) {
      callback(stream.lost ?? new Error('the stream is closed'));
      return;
    }
    this.#said += 1;
    this.#sent += 1;
    if (data.length === 0 && fin) this.#write(dataFrameHead(stream.id, FLAG_FIN, 0));
    for (let at = 0; at < data.length; at += MAX_DATA_BYTES) {
      const part = data.subarray(at, at + MAX_DATA_BYTES);
      // In one piece: within a WebSocket each write is a message.
      this.#write(Buffer.concat([dataFrameHead(stream.id, 0, part.length), part]));
    }
    if (this.#socket.writableNeedDrain) this.#whenDrained(callback);
    else callback();
  }

  /** However many wait, the socket is listened to once. */
  #whenDrained(callback: () => void): void {
    this.#waiting.push(callback);
    if (this.#waiting.length > 1) return;
    const done = (): void => {
      this.#socket.off('drain', done).off('close', done);
      for (const waiting of this.#waiting.splice(0)) waiting();
    };
    this.#socket.on('drain', done).on('close', done);
  }

  #resume(stream: SpdyStream): void {
    if (this.#full.delete(stream)) this.#listenAgain();
  }

  #release(stream: SpdyStream, reset: boolean): void {
    const known = this.#streams.delete(stream.id);
    if (known && reset && !this.#ended) this.#write(controlFrame(frameTypes.RST_STREAM, 0, uint32s(stream.id, RST_CANCEL)));
    this.#resume(stream);
  }

  /** To a frame of the other side: it may send on without end. */
  #answer(bytes: Buffer): void {
    if (this.#unreadAnswers >= MAX_UNREAD_ANSWERS) throw new Error('the other side does not read what it is answered');
    if (!this.#socket.writable) return;
    this.#unreadAnswers += 1;
    this.#socket.write(bytes, () => void (this.#unreadAnswers -= 1));
  }

  #write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** What came before is taken first. */
  #over(error: Error): void {
    void this.#reading.then(() => this.#end(error));
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#headersIn.close();
    for (const stream of this.#streams.values()) stream.lose(error);
    this.#streams.clear();
    this.#socket.on('error', () => undefined);
    if (!this.#socket.writableEnded) this.#socket.destroy();
    else hangUp(this.#socket);
    this.#closed.resolve();
  }
}

function idOf(body: Buffer): number {
  if (body.length < 4) throw new Error('a frame of SPDY is cut off');
  return body.readUInt32BE(0) & 0x7fff_ffff;
}
