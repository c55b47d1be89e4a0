import type { TerminalSize } from '../cri.ts';

const MAX_CHARACTERS = 0xffff;

/** Of `{"Width":80,"Height":24}`; undefined for what is none. */
export function terminalSize(text: string): TerminalSize | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
    return isCount(width) && isCount(height) ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_CHARACTERS;
}
