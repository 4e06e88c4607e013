import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { beginCheaply, doStep, sampleResponder, startCore } from './core.ts';

type Row = { seq: number; kind: string; body: Record<string, unknown> };

/** The ledger as it lies on disk, read by another hand after core has gone. */
function ledgerRows(data: string): Row[] {
  const database = new Database(join(data, 'claviger.db'), { readonly: true });
  try {
    const rows = database.prepare('SELECT seq, kind, body FROM ledger ORDER BY seq').all() as {
      seq: number;
      kind: string;
      body: string;
    }[];
    return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as Record<string, unknown> }));
  } finally {
    database.close();
  }
}

/** Begins the effect of the current step and kills core as soon as the intent is durable. */
async function killInside(core: CoreProcess, ceremony: string, step: string): Promise<void> {
  const { version } = valueOf(await core.call('ceremony.view', { ceremony }));
  const performed = core.call('ceremony.perform', { ceremony, step });
  // One change when the step begins to run, the next when its intent stands in the ledger.
  const running = valueOf(await core.call('app.changes', { after: version })).version;
  if (running < version + 2) await core.call('app.changes', { after: running });
  process.kill(core.pid ?? 0, 'SIGKILL');
  await core.ended;
  await performed;
}

test(
  'core killed in every step, once: everything is continued, nothing lost, nothing made twice',
  { timeout: 240_000 },
  async () => {
    const begun = await beginCheaply();
    const { data, out } = begun;
    let { core, view } = begun;
    const killed: string[] = [];
    while (view.current) {
      const step = view.current.id;
      if (killed.at(-1) !== step) {
        await giveAnswers(core, view, sampleResponder);
        await killInside(core, view.id, step);
        killed.push(step);
        core = startCore(data);
        view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
        if (view.status === 'interrupted') {
          await giveAnswers(core, view, sampleResponder);
          view = valueOf(await core.call('ceremony.resume', { ceremony: view.id }));
        }
        continue;
      }
      view = await doStep(core, view);
    }
    expect(view.status).toBe('completed');
    expect(killed).toHaveLength(20);
    await core.close();

    const rows = ledgerRows(data);
    const of = (kind: string) => rows.filter((row) => row.kind === kind);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    // One result a step, in the order of the script; every intent ended in a result or in a recorded undoing.
    expect(of('step.result').map(({ body }) => body['step'])).toEqual(view.steps.map(({ id }) => id));
    expect(of('step.intent')).toHaveLength(of('step.result').length + of('step.undone').length);
    expect(of('step.undone').length).toBeGreaterThan(0);
    const serials = of('step.intent').flatMap(({ body }) => {
      const prepared = body['prepared'] as { serial?: string } | null;
      return prepared?.serial === undefined ? [] : [prepared.serial];
    });
    expect(new Set(serials).size).toBe(serials.length);

    for (const name of ['root.crt', 'bundle.cms', 'transcript.json.p7s'])
      expect(existsSync(join(out, name)), name).toBe(true);
    const transcript = JSON.parse(readFileSync(join(out, 'transcript.json'), 'utf8')) as { steps: unknown[] };
    // The transcript is written in the last step, so it tells of the ones before it.
    expect(transcript.steps).toHaveLength(19);
  },
);
