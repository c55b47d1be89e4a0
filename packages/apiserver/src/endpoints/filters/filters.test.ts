import type { Request, Response } from 'express';
import { describe, expect, it, vi } from 'vitest';
import type { Status } from '@podling/shared/api';
import { createLogger } from '@podling/shared/util';
import { errorFilter } from './errors.ts';
import { shutdownFilter } from './shutdown.ts';

const request = { method: 'GET', originalUrl: '/x', complete: true, headers: {} } as unknown as Request;

function answer(parts: object = {}) {
  const written: unknown[] = [];
  const response = { req: request, setHeader: vi.fn(), writeHead: vi.fn(), end: (body: unknown) => written.push(body), destroy: vi.fn(), ...parts };
  return { response: response as unknown as Response & typeof response, status: () => JSON.parse(String(written[0])) as Status };
}

describe('the filter of a server that stops', () => {
  it('sends away who still comes, and keeps no connection', () => {
    const { response } = answer();
    const next = vi.fn();
    expect(() => void shutdownFilter(AbortSignal.abort())(request, response, next)).toThrow('apiserver is shutting down');
    expect(response.setHeader).toHaveBeenCalledWith('Connection', 'close');
    expect(next).not.toHaveBeenCalled();
  });

  it('lets everybody pass before', () => {
    const next = vi.fn();
    void shutdownFilter(new AbortController().signal)(request, answer().response, next);
    expect(next).toHaveBeenCalledWith();
  });
});

describe('the filter of errors', () => {
  const filter = errorFilter(createLogger('test', 'silent'));

  it('tells what went wrong with the server, without its trace', () => {
    const { response, status } = answer();
    filter(new TypeError('x is not a function'), request, response, vi.fn());
    expect(status()).toMatchObject({ kind: 'Status', code: 500, reason: 'InternalError', message: 'Internal error occurred: x is not a function' });
  });

  it('cuts off an answer that has begun, and leaves alone one that has ended', () => {
    const begun = answer({ headersSent: true, writableEnded: false }).response;
    filter(new Error('late'), request, begun, vi.fn());
    expect(begun.destroy).toHaveBeenCalled();
    const ended = answer({ headersSent: true, writableEnded: true }).response;
    filter(new Error('later'), request, ended, vi.fn());
    expect(ended.destroy).not.toHaveBeenCalled();
  });
});
