import { raw } from 'express';
import type { RequestHandler } from 'express';
import { contextOf } from '../request-context.ts';
import { newBadRequest, newRequestTooLarge, newUnsupportedMediaType } from '@podling/shared/api';

const maxBodyBytes = 3 * 1024 * 1024;

interface BodyError {
  status?: number;
  type?: string;
  message?: string;
}

function translate(error: unknown): unknown {
  const { status, type, message = '' } = error as BodyError;
  if (status === 413) return newRequestTooLarge(`Request entity too large: limit is ${maxBodyBytes}`, { cause: error });
  if (type === 'encoding.unsupported') return newUnsupportedMediaType(`the body of the request is in an unknown encoding: ${message}`);
  return status !== undefined && status < 500 ? newBadRequest(`the body cannot be read: ${message}`, { cause: error }) : error;
}

/**
 * Reads the body as bytes, at most 3 MiB, also when it is compressed. `request.body` is a Buffer afterwards, empty if there
 * is none. What is only passed on is left in the connection.
 */
export function bodyFilter(): RequestHandler {
  const read = raw({ type: () => true, limit: maxBodyBytes, inflate: true });
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD' || contextOf(request).info.subresource === 'proxy') {
      next();
      return;
    }
    void read(request, response, (error) => {
      if (error) next(translate(error));
      else next();
    });
  };
}
