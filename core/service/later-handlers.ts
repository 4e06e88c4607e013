import { resolve } from 'node:path';
import { checkScript, checkToken, describeScript } from '../ceremony/check.ts';
import { paperScriptOf } from '../ceremony/foreseen.ts';
import { viewOf } from '../ceremony/view.ts';
import { Refusal } from '../contract/errors.ts';
import { readTokenFile } from '../hsm/token-file.ts';
import { printPaperScript } from '../print/paper-script.ts';
import { listPrinters } from '../print/spooler.ts';
import { readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import { bundleHandlers } from './bundles.ts';
import { listCameras } from './cameras.ts';
import { Ceremonies } from './ceremonies.ts';
import type { LaterHandlers, Parts } from './handler.ts';
import { knownTokens, tokenFileView } from './known-tokens.ts';
import { ledgerHandlers } from './ledger.ts';
import { type OpenedStore, summaryOf } from './opened-store.ts';
import { printTest } from './printers.ts';
import { complianceHandlers } from './compliance.ts';
import { incidentHandlers } from './incidents.ts';
import { reportHandlers } from './reports.ts';
import { shippedPolicy } from './shipped-policy.ts';
import { initialiseToken, probeToken, showToken } from './tokens.ts';
import { vaultHandlers } from './vault.ts';

/** No script is larger (bytes). */
const SCRIPT_LIMIT = 256 * 1024;

/** The handlers of what the first view does not ask. */
export function laterHandlersOf(
  parts: Parts,
  store: OpenedStore,
): { handlers: LaterHandlers; close: () => Promise<void> } {
  const { data, box, changes, clock } = parts;
  const ceremonies = new Ceremonies(parts, store);
  const ledger = ledgerHandlers(() => store.opened(), clock);
  const vault = vaultHandlers({
    ...{ data, box, clock, opened: () => store.opened() },
    mode: async () => (await store.ceremonies()).at(-1)?.mode ?? null,
    announce: () => {
      changes.announce();
    },
  });
  const view = async (id: string) => viewOf(await ceremonies.runner(id), changes.version);

  const handlers: LaterHandlers = {
    'ceremony.check': async ({ script, token, out, copy }) => {
      const text = await textOf(script);
      const folders = [out, copy].filter((folder) => folder !== undefined);
      const described = describeScript(text, script, folders);
      const file = token === undefined ? null : readTokenFile(resolve(token));
      if (file) checkToken(checkScript(text, script), file);
      return { ...described, mode: file?.mode ?? 'training' };
    },
    'ceremony.script': async ({ script: file, out, paper = 'A4', language = 'en', overwrite = false }) => {
      const text = await textOf(file);
      const { sha256, words } = describeScript(text, file);
      const script = checkScript(text, file);
      const { pdf, pages } = await printPaperScript(paperScriptOf(script, text, { sha256, paper, language }));
      const path = resolve(out);
      await writeFileDurably(path, pdf, { mode: 0o644, overwrite });
      return { path, pages, sha256, words };
    },
    'printer.list': async () => ({ printers: await listPrinters() }),
    'printer.test': (input) => printTest(input, parts),
    'ceremony.list': async () => ({ ceremonies: (await store.ceremonies()).map(summaryOf).reverse() }),
    'ceremony.begin': async ({ script, out, copy, token, language = 'en', checkpoint, checkpointLost }) => {
      const text = await textOf(script);
      checkScript(text, script);
      const id = await ceremonies.begin({
        text,
        out: resolve(out),
        copy: copy === undefined ? null : resolve(copy),
        tokenFile: token === undefined ? null : resolve(token),
        language,
        checkpoint:
          checkpoint !== undefined
            ? { paper: checkpoint }
            : checkpointLost === undefined
              ? null
              : { lost: checkpointLost },
      });
      return view(id);
    },
    'ceremony.view': ({ ceremony }) => view(ceremony),
    'ceremony.answer': async ({ ceremony, step, ask, answer }) => {
      await (await ceremonies.runner(ceremony)).answer(step, ask, answer);
      return view(ceremony);
    },
    'ceremony.provide': async ({ ceremony, step, ask, ticket }) => {
      const secret = await box.take(ticket);
      await (await ceremonies.runner(ceremony)).provide(step, ask, secret);
      return view(ceremony);
    },
    'ceremony.confirm': async ({ ceremony, step, role, shown }) => {
      await (await ceremonies.runner(ceremony)).confirm(step, role, shown);
      return view(ceremony);
    },
    'ceremony.perform': async ({ ceremony, step }) => {
      await (await ceremonies.runner(ceremony)).perform(step);
      return view(ceremony);
    },
    'ceremony.resume': async ({ ceremony }) => {
      await (await ceremonies.runner(ceremony)).resume();
      return view(ceremony);
    },
    'ceremony.reprint': async ({ ceremony, step, sheet, person, reason, seenBy }) => {
      await (await ceremonies.runner(ceremony)).reprint(step, sheet, { person, reason, seenBy });
      return view(ceremony);
    },
    'ceremony.deviation': async ({ ceremony, person, text }) => {
      await (await ceremonies.runner(ceremony)).deviate(person, text);
      return view(ceremony);
    },
    'ceremony.pause': async ({ ceremony, person, reason }) => {
      await (await ceremonies.runner(ceremony)).pause(person, reason);
      return view(ceremony);
    },
    'ceremony.continue': async ({ ceremony, person }) => {
      await (await ceremonies.runner(ceremony)).continue(person);
      return view(ceremony);
    },
    'ceremony.abort': async ({ ceremony, person, reason }) => {
      await (await ceremonies.runner(ceremony)).abort(person, reason);
      return view(ceremony);
    },
    'token.probe': probeToken,
    'token.list': async () => knownTokens(data, await store.ceremonies()),
    'token.file': ({ token }) => Promise.resolve(tokenFileView(resolve(token))),
    'token.show': (input) => showToken(box, data, input),
    'token.init': (input) => initialiseToken(box, input),
    ...bundleHandlers(() => store.ledger(), parts),
    'camera.list': async () => ({ cameras: await listCameras() }),
    'policy.read': () => Promise.resolve(shippedPolicy()),
    ...ledger.handlers,
    ...vault.handlers,
    ...reportHandlers(() => store.ledger(), clock),
    ...incidentHandlers(() => store.ledger()),
    ...complianceHandlers(() => store.ledger(), clock),
  };
  const close = async () => {
    await ledger.close();
    await vault.close();
    await ceremonies.close();
  };
  return { handlers, close };
}

async function textOf(path: string): Promise<string> {
  const bytes = await readFileOrRefuse(path, SCRIPT_LIMIT);
  try {
    // As it stands, byte order mark and all: its hash must be the file's.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal('SCRIPT_INVALID', { path, detail: 'not UTF-8 text' });
  }
}
