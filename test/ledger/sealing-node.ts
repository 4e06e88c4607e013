import { openLedger } from '../../core/ledger/ledger.ts';
import { openStore } from '../../core/store/open.ts';
import { KINDS } from './sample-ledger.ts';

/** One node of several that seals, for a test that kills it: `sealing-node.ts DATA TO`. */

const [data = '', to = ''] = process.argv.slice(2);
const store = await openStore(data);
await openLedger(store, () => new Date(), KINDS).seal(Number(to));
await store.close();
