import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiStatusError } from '@podling/shared/api';
import { negotiate } from './negotiate.ts';

describe('negotiate', () => {
  it.each([
    [undefined, 'json object'], ['*/*', 'json object'], ['application/yaml', 'yaml object'], ['application/json;stream=watch', 'json object'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'json Table'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json object'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json object'],
    ['application/json;q=0.5,application/yaml', 'yaml object'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json object'],
  ])('answers %s with %s', (accept, expected) => {
    const { encoding, as } = negotiate(accept, ['object', 'Table']);
    expect(`${encoding} ${as}`).toBe(expected);
  });

  it.each(['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;q=0', 'application/json;as=Table;v=v1;g=meta.k8s.io'])('refuses %s alone', (accept) => {
    expect(() => negotiate(accept)).toThrow('only the following media types are accepted');
  });

  it('throws nothing but 406, whatever is accepted', () => {
    fc.assert(fc.property(fc.string(), (accept) => {
      try {
        negotiate(accept);
      } catch (error) {
        expect((error as ApiStatusError).code).toBe(406);
      }
    }));
  });
});
