import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { podFields } from './pod-fields.ts';
import { renderPodFields } from './render.ts';

writeFileSync(join(import.meta.dirname, '../../docs/pod-fields.md'), renderPodFields(podFields));
