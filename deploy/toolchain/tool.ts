/** A third-party program that Podling runs, and where it can come from. Sources are tried in order, after PATH. */
export interface Tool {
  name: string;
  /** Where it ends up, below the toolchain's folder. */
  path: string;
  /** Folders to look in besides those of PATH; `undefined` when only a source will do. */
  lookIn?: string[];
  /** Lowest version that is good, and the first that is not. Neither: any version. */
  minimum?: string;
  below?: string;
  /** How it tells its version. */
  probe: { args: string[]; env?: Record<string, string>; pattern: RegExp };
  sources: Source[];
  /** A cluster does without it: only the tests, or only nodes with a CRI runtime (and their tests), want it. */
  onlyFor?: 'tests' | 'cri';
}

export type Source = PackageSource | ModuleSource;

/** A file of a distribution package, which is unpacked and not installed, so that no service starts. */
export interface PackageSource {
  kind: 'package';
  package: string;
  file: string;
  /** A newer suite of the same distribution, for a program that runs on this one as it is. Absent: the machine's own. */
  suite?: string;
}

/** A main package of a Go module that is pinned in `modules/NAME`. */
export interface ModuleSource {
  kind: 'module';
  module: string;
  package: string;
  version: string;
  cgo: boolean;
  /** The package is a test, which is built and not run. */
  isTest?: boolean;
  tags?: string[];
  /** Go variable that holds the version; a build by hand leaves it empty. */
  versionVariable?: string;
}

/** Raised when one source cannot give a tool; the next one is tried. */
export class SourceUnavailableError extends Error {
  override name = 'SourceUnavailableError';
}
