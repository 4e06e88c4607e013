import { INCIDENT_KINDS } from '../contract/incident.ts';
import { BUNDLE_KINDS } from '../bundle/kinds.ts';
import { EVENTS } from '../ceremony/event.ts';
import { VAULT_KINDS } from '../vault/kinds.ts';

/** The kinds of rows in the ledger of a store, besides the ledger's own. */
export const KINDS = { ...EVENTS, ...BUNDLE_KINDS, ...VAULT_KINDS, ...INCIDENT_KINDS } as const;
