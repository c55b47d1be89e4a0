// Installs the workspace's packages when the lock file has changed since the last install; else returns at once.
// It runs before anything is installed, so it is plain JavaScript for Node 20 and needs no package.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.podling-lock-hash');
const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8').trim() !== wanted) {
  if (!isInstalled()) install();
  writeFileSync(stamp, `${wanted}\n`);
}

/** After an `npm install` by hand, npm's own record of what it has installed says the same as the lock file. */
function isInstalled() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const [there, locked] = [record, join(root, 'package-lock.json')].map((file) => JSON.parse(readFileSync(file, 'utf8')).packages);
  return Object.entries(locked).every(([path, { version, optional }]) => path === '' || (there[path] ? there[path].version === version : optional === true));
}

function install() {
  process.stderr.write('Installing packages (npm ci), about half a minute …\n');
  const startedAt = Date.now();
  const npm = process.env['npm_execpath'];
  const [command, first] = npm && npm.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const result = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status !== 0) fail(result);
  process.stderr.write(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`);
}

function fail(result) {
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`);
  process.stderr.write('npm ci failed: the packages of package-lock.json could not be installed. Is the npm registry reachable?\n');
  process.exit(1);
}
