/** Of an endpoint, or of a streaming server. */
export type { TlsFiles } from '@podling/cri/remote';
