import { randomUUID } from 'node:crypto';
import type { Notifier } from '../contract/vault-emergency-policy.ts';
import { Refusal } from '../contract/errors.ts';
import { emergencyIn } from '../contract/vault.ts';
import { reportBug } from '../process/rpc.ts';
import { wipe } from '../process/guarded.ts';
import type { VaultNoticeTable } from '../store/schema.ts';
import { openCredential, sealCredential, writeCredential } from './credentials.ts';
import { EVERYTHING, requireAdmin } from './grants.ts';
import { type Notice, notify } from './notifiers.ts';
import { type Caller, type Db, type VaultParts, byOf, record, vaultRow } from './parts.ts';
import type { Policies } from './policies.ts';
import { OWN } from './rows.ts';

/** After so many failures somebody is not told any more. */
const ATTEMPTS = 5;

/**
 * Whom policy wants told of an emergency. What is to be told is written with what it is about, and told afterwards: a notifier that fails keeps nobody from anything, each
 * attempt is a row, and what a stopped process has not told is told by the next.
 */
export class Notices {
  readonly #parts: VaultParts;
  readonly #policies: Policies;
  #sending: Promise<void> | null = null;
  #again = false;

  constructor(parts: VaultParts, policies: Policies) {
    this.#parts = parts;
    this.#policies = policies;
  }

  /** In the transaction of the row that it is about. */
  async queue(
    db: Db,
    { emergency, event, at }: { emergency: string; event: 'opened' | 'ended'; at: string },
    notifiers: readonly Notifier[],
  ): Promise<void> {
    if (notifiers.length === 0) return;
    const notices = notifiers.map(({ name }) => ({
      ...{ id: randomUUID(), emergency, event, notifier: name, attempts: 0, state: 'pending' as const, created_at: at },
    }));
    await db.insertInto('vault_notice').values(notices).execute();
  }

  /** Begins to send what waits. Nobody waits for it but `settled`. */
  sendSoon(): void {
    this.#again = true;
    this.#sending ??= this.#sendAlone()
      .catch(reportBug)
      .finally(() => {
        this.#sending = null;
        if (this.#again) this.sendSoon();
      });
  }

  /** Once what was begun is sent, or has failed. */
  async settled(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  /** The caller wipes `password`. ADMIN of everything: VAULT_REFUSED. */
  async setPassword(caller: Caller, of: string, password: Uint8Array): Promise<void> {
    await requireAdmin(this.#parts, caller, EVERYTHING, 'outside password');
    const credential = await sealCredential(this.#parts, of, 'outside', password);
    const row = vaultRow('vault.outside-password', { of, ...byOf(caller) }, { principal: caller.principal.id });
    await record(this.#parts.ledger, [row], (db) => writeCredential(db, this.#parts.kms, credential));
  }

  /** One node at a time; what it has not seen waits for the next time that somebody looks. */
  async #sendAlone(): Promise<void> {
    const sent = await this.#parts.store.alone('notices', async () => {
      await this.#sendAll();
      return true;
    });
    if (!sent) this.#again = false;
  }

  async #sendAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const { notifiers } = emergencyIn((await this.#policies.present()).policy);
      const waiting = await this.#parts.store.db
        .selectFrom('vault_notice')
        .selectAll()
        .where('state', '=', 'pending')
        .orderBy('created_at')
        .execute();
      // At the same time, so that a slow one delays nobody else; each notifier hears in order.
      const names = [...new Set(waiting.map(({ notifier }) => notifier))];
      await Promise.all(
        names.map(async (name) => {
          for (const notice of waiting.filter(({ notifier }) => notifier === name)) {
            await this.#send(notice, notifiers.find((one) => one.name === name) ?? null);
          }
        }),
      );
    }
  }

  async #send(notice: VaultNoticeTable, notifier: Notifier | null): Promise<void> {
    const detail = notifier ? await this.#attempt(notice, notifier) : 'no such notifier';
    const attempt = notice.attempts + 1;
    const givenUp = detail !== null && (attempt >= ATTEMPTS || !notifier);
    const { emergency, event, notifier: name } = notice;
    const ok = detail === null;
    const rows = [vaultRow('vault.notified', { emergency, event, notifier: name, attempt, ok, detail })];
    if (givenUp) {
      const place = { owner: OWN, environment: 'isolated', name: `notifier/${name}` } as const;
      const by = { principal: OWN, address: 'holder', agent: 'claviger' };
      rows.push(vaultRow('vault.alert', { alert: 'notifier', ...place, secret: null, count: attempt, ...by }));
    }
    const state = ok ? 'sent' : givenUp ? 'failed' : 'pending';
    await record(this.#parts.ledger, rows, async (db) => {
      await db.updateTable('vault_notice').set({ attempts: attempt, state }).where('id', '=', notice.id).execute();
    });
  }

  /** Null where it went well, else why not, as a code. */
  async #attempt({ emergency, event }: VaultNoticeTable, notifier: Notifier): Promise<string | null> {
    let password: Uint8Array | null = null;
    try {
      const notice = await this.#noticeOf(emergency, event);
      if (notifier.kind === 'smtp') password = await openCredential(this.#parts, notifier.name, 'outside');
      await notify(notifier, notice, password);
      return null;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        reportBug(error);
        return 'INTERNAL';
      }
      const { detail } = error.value.params;
      return error.code === 'NOTIFIER_FAILED' && detail !== undefined ? String(detail).slice(0, 100) : error.code;
    } finally {
      wipe(password);
    }
  }

  async #noticeOf(emergency: string, event: 'opened' | 'ended'): Promise<Notice> {
    const row = await this.#parts.store.db
      .selectFrom('vault_emergency as e')
      .innerJoin('vault_principal as p', 'p.id', 'e.principal')
      .selectAll('e')
      .select('p.name as subject')
      .where('e.id', '=', emergency)
      .executeTakeFirstOrThrow();
    return {
      ...{ event, emergency, principal: row.subject, reason: row.reason },
      scope: `${row.owner}/${row.environment}/${row.name}`,
      rights: (JSON.parse(row.rights) as string[]).join(', '),
      ...{ openedAt: row.opened_at, expiresAt: row.expires_at, endedAt: event === 'ended' ? row.ended_at : null },
    };
  }
}
