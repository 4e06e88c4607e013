import { readFileSync } from 'node:fs';
import { answersResponder } from '../../core/cli/answers.ts';
import type { Answers } from '../../core/cli/answers.ts';
import type { Responder } from '../../core/cli/responder.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { explain } from '../../core/contract/explain.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';

/** What is typed wrongly first, in turn (hex), by step and ask; the ceremony ends with `until`, aborted. */
export type Mistakes = {
  data: string;
  out: string;
  script: string;
  token?: string;
  answers: Answers;
  wrong: Record<string, string[]>;
  until: string | null;
};

/** A face that types wrong secrets before the right ones, and says everything that it is answered: `mistakes.ts FILE`. */
const { data, out, script, token, answers, wrong, until } = JSON.parse(
  readFileSync(process.argv[2] ?? '', 'utf8'),
) as Mistakes;
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);
const core = CoreProcess.start({ data });
const { checkpoint } = valueOf(await core.call('app.info', {}));
const lost = checkpoint ? { checkpointLost: 'the paper is not on this table' } : {};
const place = { script, out, ...(token === undefined ? {} : { token }), ...lost };
let view = valueOf(await core.call('ceremony.begin', place));
let step = '';
const responder = answersResponder(answers);
const mistaken: Responder = {
  ...responder,
  secret: async (ask) => {
    const secret = wrong[`${step}/${ask.id}`]?.shift();
    return secret === undefined ? responder.secret(ask) : Buffer.from(secret, 'hex');
  },
};
while (view.current && view.current.id !== until) {
  step = view.current.id;
  try {
    await giveAnswers(core, view, mistaken);
    view = valueOf(await core.call('ceremony.perform', { ceremony: view.id, step }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say({ refused: error.code, at: step, error: error.value, text: explain(error.value) });
    view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
  }
  say(view);
}
if (until !== null) {
  const abort = { ceremony: view.id, person: 'Jonas Weber', reason: 'that was all' };
  say(valueOf(await core.call('ceremony.abort', abort)));
}
say(valueOf(await core.call('ledger.list', { limit: 100_000 })));
say({ left: Object.values(wrong).flat().length });
await core.close();
