export { TestIo } from './test-io.ts';
