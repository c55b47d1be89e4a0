export { startControllerManager } from './controller-manager.ts';
export type { ControllerManager, ControllerManagerOptions } from './controller-manager.ts';
