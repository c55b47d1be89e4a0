/** A sysctl's name with dots. One whose first separator is a slash has slashes for dots and dots for slashes. */
export function normalSysctl(name: string): string {
  if (/^[^./]*\./.test(name) || !name.includes('/')) return name;
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}
