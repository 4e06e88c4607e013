import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hardwarePage } from './hardware-page.ts';

writeFileSync(join(import.meta.dirname, '../../../docs/tokens-hardware.md'), hardwarePage());
