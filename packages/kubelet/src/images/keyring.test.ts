import { describe, expect, it } from 'vitest';
import { Keyring } from './keyring.ts';

const users = (locations: readonly string[], repository: string): (string | undefined)[] =>
  new Keyring(locations.map((location) => ({ location, auth: { username: location } }))).lookup(repository).map(({ auth }) => auth.username);

describe('Keyring', () => {
  it.each([
    ['registry.example.com', 'registry.example.com/team/web', true],
    ['https://registry.example.com', 'registry.example.com/team/web', true],
    ['http://registry.example.com/v2/', 'registry.example.com/team/web', true],
    ['registry.example.com', 'registry.example.com:5000/web', false],
    ['registry.example.com:5000', 'registry.example.com:5000/web', true],
    ['[fd00::1]:5000', '[fd00::1]:5000/web', true],
    ['registry.example.com/team', 'registry.example.com/team/web', true],
    ['registry.example.com/team', 'registry.example.com/other/web', false],
    ['https://registry.example.com/v1/team', 'registry.example.com/team/web', true],
    ['*.example.com', 'registry.example.com/web', true],
    ['*.example.com', 'a.b.example.com/web', false],
    ['*.*.example.com', 'a.b.example.com/web', true],
    ['registr?.example.com', 'registry.example.com/web', true],
    ['reg[a-i]stry.example.com', 'registry.example.com/web', true],
    ['reg[^a-i]stry.example.com', 'registry.example.com/web', false],
    ['reg[istry.example.com', 'registry.example.com/web', false],
    ['example.com', 'registry.example.com/web', false],
    ['https://index.docker.io/v1/', 'docker.io/library/web', true],
    ['docker.io', 'docker.io/library/web', true],
    ['index.docker.io', 'quay.io/team/web', false],
    ['', 'docker.io/library/web', false],
  ])('%s is for %s: %s', (location, repository, expected) => {
    expect(users([location], repository)).toEqual(expected ? [location] : []);
  });

  it('answers at once whatever a secret says', () => {
    expect(users([`${'*a'.repeat(20)}*b.io`], `${'a'.repeat(200)}.io/web`)).toEqual([]);
  });

  it('gives the closest first, and all of one place in their order', () => {
    const keyring = new Keyring(['r.io', 'r.io/team/web', 'r.io/team', 'r.io'].map((location, index) => ({ location, auth: { username: `${index}` } })));
    expect(keyring.lookup('r.io/team/web').map(({ auth }) => auth.username)).toEqual(['1', '2', '0', '3']);
  });

  it('has Docker\'s own credentials only for what nothing else is for', () => {
    expect(users(['https://index.docker.io/v1/', 'docker.io/library'], 'docker.io/library/web')).toEqual(['docker.io/library']);
  });
});
