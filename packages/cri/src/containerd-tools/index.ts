export { ContainerdTools } from './containerd-tools.ts';
export type { Blob, Ingest, Plugin, TaskProcess } from './containerd-tools.ts';
export type { ImageCheck, ImageTools } from './image-tools.ts';
export type { TaskMetrics } from './task-metrics.ts';
