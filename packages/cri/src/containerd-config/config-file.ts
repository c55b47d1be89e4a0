import { parse, TomlError } from 'smol-toml';
import { criPlugin } from './containerd-config.ts';

export type Table = Record<string, unknown>;

/** The file is no TOML; the message says where. */
export class ConfigSyntaxError extends Error {
  override readonly name = 'ConfigSyntaxError';
}

/**
 * A containerd configuration as it was read, whichever version of the format it has: containerd 2 has moved the settings
 * of the CRI plugin to two others, and version 1 has short names for plugins.
 */
export class ConfigFile {
  readonly #root: Table;

  constructor(text: string) {
    try {
      this.#root = parse(text, { integersAsBigInt: true });
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
      throw new ConfigSyntaxError(`line ${error.line}, column ${error.column}: ${reason}`, { cause: error });
    }
  }

  /** 1 where the file does not say. */
  get version(): unknown {
    const version = this.#root['version'] ?? 1;
    return typeof version === 'bigint' ? Number(version) : version;
  }

  /** A value by its path, integers as bigint; undefined where it, or a table above it, is not there. */
  at(...path: string[]): unknown {
    return path.reduce<unknown>((table, key) => (isTable(table) ? table[key] : undefined), this.#root);
  }

  list(...path: string[]): unknown[] {
    const value = this.at(...path);
    return Array.isArray(value) ? value : [];
  }

  /** Where this version of the format keeps the CRI settings about images, about the runtime, and about the service itself. */
  get cri(): { images: string[]; runtime: string[]; service: string[] } {
    if (this.version === 3) {
      return { images: ['plugins', 'io.containerd.cri.v1.images'], runtime: ['plugins', 'io.containerd.cri.v1.runtime'], service: ['plugins', criPlugin] };
    }
    const path = ['plugins', this.version === 1 ? 'cri' : criPlugin];
    return { images: path, runtime: path, service: path };
  }

  get sandboxImage(): { path: string[]; value: unknown } {
    const path = this.version === 3 ? [...this.cri.images, 'pinned_images', 'sandbox'] : [...this.cri.images, 'sandbox_image'];
    return { path, value: this.at(...path) };
  }
}

/** As TOML writes it: `plugins."io.containerd.grpc.v1.cri".sandbox_image`. */
export function dotted(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]+$/.test(key) ? key : `"${key}"`)).join('.');
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A value as the user has written it, strings without quotes. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) ?? 'nothing');
}
