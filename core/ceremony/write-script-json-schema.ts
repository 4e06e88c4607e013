import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptJsonSchema } from './script-json-schema.ts';

writeFileSync(join(import.meta.dirname, '../../resources/ceremonies/script.schema.json'), scriptJsonSchema());
