import { newInvalid, newNotFound, newStatusError, newUnauthorized } from '@podling/shared/api';
import { ConnectionError } from '@podling/shared/client';
import { describe, expect, it } from 'vitest';
import { CommandError, explainError, withSource } from './errors.ts';

const pods = { group: '', resource: 'pods' };
const pod = { group: '', kind: 'Pod' };
const required = (field: string) => ({ field, reason: 'FieldValueRequired' as const, message: 'Required value' });
const socketError = (code: string, message: string) => Object.assign(new Error(message), { code });
const connection = (cause: Error) => new ConnectionError('https://h:6443', cause.message, { cause });

describe('explainError', () => {
  it.each([
    ['a Status', newNotFound(pods, 'x'), 'Error from server (NotFound): pods "x" not found'],
    ['no credentials', newUnauthorized(), 'error: You must be logged in to the server (Unauthorized)'],
    ['one cause', newInvalid(pod, 'web', [required('spec.a')]), 'The Pod "web" is invalid: spec.a: Required value'],
    ['several causes', newInvalid(pod, 'web', [required('spec.a'), required('spec.b')]), 'The Pod "web" is invalid: \n* spec.a: Required value\n* spec.b: Required value'],
    ['no reason', newStatusError({ code: 500, reason: 'Unknown', message: 'odd' }), 'Error from server: odd'],
    ['a refused connection', connection(socketError('ECONNREFUSED', 'connect')), 'The connection to the server h:6443 was refused - did you specify the right host or port?'],
    ['an unknown host', connection(socketError('ENOTFOUND', 'getaddrinfo h')), 'Unable to connect to the server: https://h:6443: getaddrinfo h'],
    ['a foreign certificate', connection(socketError('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed')), 'Unable to connect to the server: tls: failed to verify certificate: https://h:6443: self-signed'],
    ['a mistake of the caller', new CommandError('you must say more'), 'error: you must say more'],
  ])('explains %s as kubectl does', (_what, error, text) => {
    expect(explainError(error, 'h:6443')).toBe(text);
  });

  it('finds the refusal among the addresses of one host', () => {
    const both = new AggregateError([socketError('ECONNREFUSED', '::1'), socketError('ECONNREFUSED', '127.0.0.1')]);
    expect(explainError(new ConnectionError('http://localhost:1', 'refused', { cause: both }), 'localhost:1')).toMatch(/was refused/);
  });
});

describe('withSource', () => {
  it('puts the file before the message and keeps the reason', () => {
    const placed = withSource(newNotFound(pods, 'x'), 'creating', 'a.yaml');
    expect(explainError(placed, '')).toBe('Error from server (NotFound): error when creating "a.yaml": pods "x" not found');
  });
});
