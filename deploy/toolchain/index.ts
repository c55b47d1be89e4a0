export { ensureToolchain, ToolchainError } from './ensure-toolchain.ts';
export type { ToolchainOptions } from './ensure-toolchain.ts';
export type { ToolReport } from './ensure-tool.ts';
