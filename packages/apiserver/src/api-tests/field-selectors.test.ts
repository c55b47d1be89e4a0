import { describe, expect, it } from 'vitest';
import { pods, useTestServer } from '../testing/test-server.ts';

describe('field selectors', () => {
  const server = useTestServer();

  it.each([
    [pods, 'spec.x%3D1', 'field label not supported: spec.x'],
    ['/api/v1/namespaces/default/configmaps', 'spec.x%3D1', '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ])('that name a field %s do not have are refused, watched or listed', async (path, selector, message) => {
    for (const verb of ['', '&watch=true']) {
      expect(await server.send('GET', `${path}?fieldSelector=${selector}${verb}`)).toMatchObject({ code: 400, body: { reason: 'BadRequest', message } });
    }
  });
});

describe('a selector that cannot be read', () => {
  const server = useTestServer();
  const key = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

  it.each([
    ['labelSelector', 'a in', "unable to parse requirement: found '' expected: '('"],
    ['labelSelector', 'a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['labelSelector', 'a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['labelSelector', 'a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['labelSelector', 'a=b,', "found '', expected: identifier after ','"],
    ['labelSelector', 'a,,b', "found ',', expected: identifier after ','"],
    ['labelSelector', ',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['labelSelector', '=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['labelSelector', 'a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['labelSelector', '!a=b', "found '=', expected: ',' or 'end of string'"],
    ['labelSelector', 'a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['labelSelector', 'a!b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
    ['labelSelector', 'a>', `unable to parse requirement: values[0]: Invalid value: "": for 'Gt', 'Lt' operators, the value must be an integer`],
    ['labelSelector', '-a', `unable to parse requirement: <nil>: Invalid value: "-a": ${key}`],
    ['labelSelector', '"a"', `unable to parse requirement: <nil>: Invalid value: "\\"a\\"": ${key}`],
    ['fieldSelector', 'metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
    ['fieldSelector', '=a', 'field label not supported: '],
  ])('is refused with Kubernetes\' words: %s %s', async (parameter, selector, message) => {
    const { code, body } = await server.send('GET', `${pods}?${parameter}=${encodeURIComponent(selector)}`);
    expect([code, body]).toMatchObject([400, { reason: 'BadRequest', message }]);
  });

  it('is none that says nothing', async () => {
    expect((await server.send('GET', `${pods}?fieldSelector=%3D`)).code).toBe(200);
  });
});
