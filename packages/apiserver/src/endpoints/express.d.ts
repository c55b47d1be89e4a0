/** The part of express 5 that this package uses; the package carries no types of its own. */
declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Request extends IncomingMessage {
    body: unknown;
    url: string;
    originalUrl: string;
    path: string;
    method: string;
  }
  export type Response = ServerResponse;
  export type NextFunction = (error?: unknown) => void;
  export type RequestHandler = (request: Request, response: Response, next: NextFunction) => void | Promise<void>;
  export type ErrorRequestHandler = (error: unknown, request: Request, response: Response, next: NextFunction) => void;

  export interface Router extends RequestHandler {
    use(...handlers: (RequestHandler | ErrorRequestHandler)[]): this;
    use(path: string, ...handlers: RequestHandler[]): this;
    all(path: string | string[], ...handlers: RequestHandler[]): this;
    get(path: string | string[], ...handlers: RequestHandler[]): this;
  }
  export interface Express extends Router {
    (request: IncomingMessage, response: ServerResponse): void;
    disable(setting: string): this;
    set(setting: string, value: unknown): this;
  }
  export function Router(options?: { strict?: boolean; caseSensitive?: boolean }): Router;
  export function raw(options: { type: () => boolean; limit: number; inflate?: boolean }): RequestHandler;
  const express: () => Express;
  export default express;
}
