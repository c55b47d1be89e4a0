export { ensureToolchain } from './ensure-toolchain.ts';
export type { ToolReport } from './ensure-toolchain.ts';
