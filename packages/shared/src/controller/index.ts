export { TerminalError } from './reconciler.ts';
export type { ReconcileResult, Reconciler } from './reconciler.ts';
export { createController } from './controller.ts';
export type { Controller, ControllerOptions } from './controller.ts';
