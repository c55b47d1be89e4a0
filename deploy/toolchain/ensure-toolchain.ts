import type { Report } from '../progress.ts';
export interface ToolReport { tool: string; version: string; from: string }
export async function ensureToolchain(_: { offline?: boolean; report?: Report }): Promise<ToolReport[]> { return []; }
