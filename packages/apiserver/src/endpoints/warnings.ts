import type { ServerResponse } from 'node:http';

const maxWarnings = 50;
const maxLength = 512;

/** Adds a `Warning` header (RFC 7234, code 299) that kubectl prints. */
export function addWarning(response: ServerResponse, text: string): void {
  const present = response.getHeader('Warning');
  const warnings = Array.isArray(present) ? present : present === undefined ? [] : [String(present)];
  if (warnings.length >= maxWarnings) return;
  // oxlint-disable-next-line no-control-regex -- headers carry printable ASCII only
  const printable = text.slice(0, maxLength).replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  const warning = `299 - "${printable}"`;
  if (!warnings.includes(warning)) response.setHeader('Warning', [...warnings, warning]);
}
