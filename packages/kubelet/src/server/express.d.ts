/** The part of express 5 that this package uses; the package carries no types of its own. */
declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Request extends IncomingMessage {
    url: string;
    params: Record<string, string>;
  }
  export type Response = ServerResponse;
  export type NextFunction = (error?: unknown) => void;
  export type RequestHandler = (request: Request, response: Response, next: NextFunction) => void | Promise<void>;
  export type ErrorRequestHandler = (error: unknown, request: Request, response: Response, next: NextFunction) => void;

  export interface Express {
    (request: IncomingMessage, response: ServerResponse): void;
    disable(setting: string): this;
    use(handler: RequestHandler): this;
    use(handler: ErrorRequestHandler): this;
    get(path: string, handler: RequestHandler): this;
  }
  const express: () => Express;
  export default express;
}
