import { importBundle } from '../../core/bundle/import.ts';
import { outcomeOf } from '../../core/process/rpc.ts';

/** One import in a process of its own: bundle, key, directory. Prints the outcome as JSON. */
const [bundle = '', key = '', directory = ''] = process.argv.slice(2);
const outcome = await outcomeOf(() => importBundle({ bundle, key, directory, now: new Date() }));
process.stdout.write(JSON.stringify(outcome));
