export type { EventHandler, Lister, SharedInformer } from './shared-informer.ts';
export { Indexer } from './indexer.ts';
export { createInformer } from './list-watch-informer.ts';
export type { InformerOptions } from './list-watch-informer.ts';
export { createInformerFactory } from './informer-factory.ts';
export type { InformerFactory, InformerFactoryOptions } from './informer-factory.ts';
