import { describe, expect, it } from 'vitest';
import { dockerConfigCredentials, secretCredentials } from './docker-config.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const config = (entry: object): string => JSON.stringify({ auths: { 'r.io': entry } });

describe('docker config', () => {
  it.each([
    [{ username: 'u', password: 'p', email: 'e' }, { username: 'u', password: 'p' }],
    [{ auth: base64('u:p:with:colons') }, { username: 'u', password: 'p:with:colons' }],
    [{ auth: base64('u:p').replaceAll('=', '') }, { username: 'u', password: 'p' }],
    [{ username: 'old', password: 'old', auth: base64('u:p') }, { username: 'u', password: 'p' }],
    [{}, { username: '', password: '' }],
  ])('reads %j', (entry, auth) => {
    expect(dockerConfigCredentials(config(entry))).toEqual([{ location: 'r.io', auth }]);
  });

  it.each(['{}', '[]', '"x"', '{"auths":[]}', '{"auths":null}'])('without credentials has none: %s', (text) => {
    expect(dockerConfigCredentials(text)).toEqual([]);
  });

  it.each(['', '{"auths', config({ auth: base64('s3cret') })])('that is broken says so, without what is in it: %s', (text) => {
    expect(() => dockerConfigCredentials(text)).toThrow(/^(the docker config is no JSON|unable to parse auth field.*)$/);
  });

  it('is in secrets of two types, each with its key', () => {
    const entry = { 'r.io': { username: 'u', password: 'p' } };
    const [modern, legacy] = [base64(JSON.stringify({ auths: entry })), base64(JSON.stringify(entry))];
    const expected = [{ location: 'r.io', auth: { username: 'u', password: 'p' }, source: { uid: '1', namespace: 'n', name: 's' } }];
    expect(secretCredentials({ metadata: { name: 's', namespace: 'n', uid: '1' }, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': modern } })).toEqual(expected);
    expect(secretCredentials({ metadata: { name: 's', namespace: 'n', uid: '1' }, type: 'kubernetes.io/dockercfg', data: { '.dockercfg': legacy } })).toEqual(expected);
    expect(secretCredentials({ metadata: { name: 's', namespace: 'n', uid: '1' }, type: 'Opaque', data: { '.dockerconfigjson': modern } })).toEqual([]);
  });
});
