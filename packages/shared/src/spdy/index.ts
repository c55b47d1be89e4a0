export { SpdyConnection } from './connection.ts';
export type { SpdyOptions } from './connection.ts';
export type { SpdyHeaders } from './headers.ts';
export type { SpdyStream } from './stream.ts';
