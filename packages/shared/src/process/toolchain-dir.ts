import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the third-party programs are (`bin/`, `cni/bin/`): `$PODLING_TOOLCHAIN`, else `~/.cache/podling/toolchain`. */
export function toolchainDir(env: NodeJS.ProcessEnv = process.env): string {
  return env['PODLING_TOOLCHAIN'] || join(homedir(), '.cache', 'podling', 'toolchain');
}

/** Where the programs of a CRI node are, ahead of `bin/` on its PATH: a containerd of 1.7 or later and its shim. */
export function criToolchainBin(env: NodeJS.ProcessEnv = process.env): string {
  return join(toolchainDir(env), 'cri/bin');
}
