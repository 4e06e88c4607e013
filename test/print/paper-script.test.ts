import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkScript, scriptSha256 } from '../../core/ceremony/check.ts';
import { paperScriptOf } from '../../core/ceremony/foreseen.ts';
import { ROLE_NAMES, type Role } from '../../core/contract/roles.ts';
import type { Script } from '../../core/contract/script.ts';
import { wordsOf } from '../../core/contract/words.ts';
import type { PaperName } from '../../core/print/page.ts';
import { type PaperScript, printPaperScript } from '../../core/print/paper-script.ts';
import { groupedHex } from '../../core/print/type.ts';
import { REPOSITORY, SCRIPT } from '../shipped.ts';
import { fontsOf, overlaps, pageCount, textOf, wordsOnPages } from './poppler.ts';

const PAPERS: PaperName[] = ['A4', 'Letter'];
const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');
const SCRIPTS = readdirSync(CEREMONIES).filter((name) => name.endsWith('.yaml'));

function paperOf(path: string, paper: PaperName, change: (text: string) => string = (text) => text): PaperScript {
  const text = change(readFileSync(path, 'utf8'));
  return paperScriptOf(checkScript(text, path), text, { sha256: scriptSha256(text), paper, language: 'en' });
}

/** Line breaks aside. */
const inOneLine = (text: string) => text.replace(/\s+/g, ' ');

/** As it was printed, line breaks aside. */
const saidOn = (pdf: Uint8Array) => inOneLine(textOf(pdf));

/** Nothing stands outside the margins or over something else, and no font is missing. */
function soundPages(pdf: Uint8Array): void {
  expect(fontsOf(pdf).filter(({ embedded, subset }) => !embedded || !subset)).toEqual([]);
  for (const page of wordsOnPages(pdf)) {
    const outside = page.words.filter(
      ({ left, right, top, bottom }) => left < 36 || right > page.width - 36 || top < 18 || bottom > page.height - 10,
    );
    expect(outside).toEqual([]);
    expect(overlaps(page)).toEqual([]);
  }
}

/** A script at the limits of its schema. */
function largest(script: Script): Script {
  const step = script.steps[3];
  if (!step) throw new Error('the script is too short');
  const wide = 'Wörter, die gross sind, füllen jede Zeile bis an ihren Rand und dann noch eine. ';
  const full: Partial<Script['steps'][number]> = {
    instruction: wide.repeat(9).slice(0, 240),
    readAloud: wide.repeat(9).slice(0, 400),
    confirming: ['ceremonyAdministrator', 'witness', 'auditor'],
    parameters: { keys: Array.from({ length: 64 }, (_, key) => `${key}-${'k'.repeat(60)}`), empty: true },
  };
  return {
    ...script,
    title: wide.repeat(2).slice(0, 80),
    purpose: wide.repeat(9).slice(0, 400),
    participants: { ceremonyAdministrator: 1, operator: 1, witness: 1, auditor: 1, custodian: 15 },
    policy: { ...script.policy, shareCount: 15, profile: 'fips', exceptions: ['scrypt', 'argon2id', 'PBKDF2'] },
    steps: Array.from({ length: 99 }, (_, index) => ({
      ...step,
      id: `step-${index}`,
      section: `${index} ${wide}`.slice(0, 40),
      title: wide.slice(0, 60),
      // A few are as long as can be; there are as many as there can be.
      ...(index > 4 ? { parameters: {}, confirming: [] } : full),
    })),
  };
}

describe.each(PAPERS)('the paper script on %s', (paper) => {
  test.each(SCRIPTS)('%s: every step under its number, with who acts and what is said', async (name) => {
    const input = paperOf(join(CEREMONIES, name), paper);
    const { script, sha256 } = input;
    const { pdf, pages } = await printPaperScript(input);
    expect(pageCount(pdf)).toBe(pages);
    const printed = textOf(pdf);
    const said = inOneLine(printed);
    for (const text of [script.title, script.organisation, script.purpose, groupedHex(sha256)])
      expect(said).toContain(text);
    wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)).forEach((word) => {
      expect(said).toContain(word);
    });
    // In the order of the screen, each with its number beside its title.
    let at = 0;
    const lines = printed.split('\n');
    for (const [index, step] of script.steps.entries()) {
      at = lines.findIndex(
        (line, place) => place >= at && new RegExp(`^\\s*${index + 1}\\s+${step.title}(\\s|$)`).test(line),
      );
      expect(at, step.title).toBeGreaterThan(0);
      expect(said).toContain(step.primary);
    }
    for (const role of Object.keys(script.participants) as Role[]) expect(said).toContain(ROLE_NAMES[role]);
    for (const file of input.writes.flat()) expect(said).toContain(file);
    for (const part of ['Training', 'Live', 'Signature', 'Previous checkpoint', 'Exceptions'])
      expect(said).toContain(part);
    // It cannot know whether it is for training: the token decides.
    expect(said).not.toContain('TRAINING');
    // No page of steps holds one alone where others could stand with it.
    const onPages = printed
      .split('\f')
      .filter((page) => page.includes('Activity'))
      .map((page) => page.split('\n').filter((line) => /^\s*\d+\s{2,}\S/.test(line)).length);
    expect(onPages.reduce((sum, count) => sum + count)).toBe(script.steps.length);
    expect(Math.min(...onPages)).toBeGreaterThan(1);
    soundPages(pdf);
  });

  test('a script as large as its schema allows: nothing is cut off, and nothing stands over another', async () => {
    const input = paperOf(SCRIPT, paper);
    const script = largest(input.script);
    const sealed = Array.from({ length: 40 }, (_, index) => ({
      step: index,
      what: `Backup of key-${index}`,
      holder: '',
    }));
    const incoming = Array.from({ length: 9 }, (_, index) => ({ step: index, label: `File ${index}`, optional: true }));
    const writes = Array.from({ length: 99 }, (_, index) => [`file-${index}.crt`]);
    const { pdf } = await printPaperScript({ ...input, script, sealed, incoming, writes });
    const said = saidOn(pdf);
    for (const text of ['Custodian 15', 'Backup of key-39, step 39', 'File 8, step 8', 'file-98.crt', 'argon2id'])
      expect(said).toContain(text);
    expect(said).toContain('and more read the file of the script');
    soundPages(pdf);
  });
});

test('there is a row for each share and each envelope, and a place for the words of each file that comes in', async () => {
  const [root, token] = [paperOf(SCRIPT, 'A4'), paperOf(join(CEREMONIES, 'token-initialisation.yaml'), 'A4')];
  const rootSays = saidOn((await printPaperScript(root)).pdf);
  expect(rootSays).toContain('Share Custodian Sheet’s bag Seal Card’s bag Seal Places: sheet, card 1 2 3 4 5 ');
  expect(rootSays).toContain('Backup of root-2026, step 14');
  expect(rootSays).toContain('Recipient certificate, step 19');
  // The throw-away recipient is of training alone.
  expect(root.writes.flat()).not.toContain('recipient.key');
  const tokenSays = saidOn((await printPaperScript(token)).pdf);
  expect(tokenSays).toContain('PIN of the security officer, step 4 Ceremony administrator');
  expect(tokenSays).toContain('PIN of the user, step 4 Operator');
  expect(tokenSays).not.toContain('Card’s bag');
});

test('the same script gives the same bytes, another script others; none of them tells a date', async () => {
  const [first, second, other] = await Promise.all([
    printPaperScript(paperOf(SCRIPT, 'A4')),
    printPaperScript(paperOf(SCRIPT, 'A4')),
    printPaperScript(paperOf(SCRIPT, 'A4', (text) => `${text}# one more line\n`)),
  ]);
  expect(Buffer.from(first.pdf).equals(second.pdf)).toBe(true);
  expect(Buffer.from(first.pdf).equals(other.pdf)).toBe(false);
  expect(Buffer.from(first.pdf).toString('latin1')).not.toContain(`(D:${new Date().getUTCFullYear()}`);
});

test('a script in which passphrases are chosen ends with a card for each custodian, to fill in by hand', async () => {
  for (const paper of PAPERS) {
    const { pdf } = await printPaperScript(paperOf(SCRIPT, paper));
    const said = saidOn(pdf);
    for (let share = 1; share <= 5; share++) expect(said).toContain(`Passphrase of share ${share} of 5`);
    expect(said).toContain('Nobody prints it, copies it or takes a picture of it.');
    soundPages(pdf);
    const without = await printPaperScript(paperOf(join(CEREMONIES, 'crl.yaml'), paper));
    expect(saidOn(without.pdf)).not.toContain('Passphrase of share');
  }
});
