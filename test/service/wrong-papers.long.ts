import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { manifestSchema } from '../../core/hsm/process/protocol.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { shareLines } from '../../core/shares/lines.ts';
import { splitMasterKey } from '../../core/shares/split.ts';
import { refused } from '../hsm/refused.ts';
import { type Photograph, photographOf, photographed, pieceOf, pngOf } from '../print/photograph.ts';
import { afterRoot, answersOf, at } from './after-root.ts';

/** What people bring and type by mistake: each has a code that says what it is, and nothing is lost by it. */

const ground = afterRoot();
const passphrases = answersOf('attestation').passphrases ?? [];
let here: ReturnType<typeof at>;
let rowsBefore: number;

const sheet = (name: string) => new Uint8Array(readFileSync(join(ground.made, 'sheets', `${name}.pdf`)));
const manifest = () => manifestSchema.parse(JSON.parse(readFileSync(join(ground.made, 'manifest.json'), 'utf8')));
const rows = async () => {
  const listed = await ground.core.call('ledger.list', { limit: 100_000 });
  return listed.ok ? listed.value.rows.length : -1;
};

/** Writes a picture and shows it as share 1. */
async function showPicture(picture: Photograph | Uint8Array, name = 'picture.png') {
  const path = join(ground.folder, name);
  writeFileSync(path, 'grey' in picture ? pngOf(picture) : picture);
  return here.show('share-1', { scanFile: path });
}

beforeEach(async () => {
  here = at(ground.core, await ground.begin('attestation', 'share-1'));
  rowsBefore = await rows();
});

/** What was refused left no row, and the right sheet and passphrase are taken after it. */
async function nothingIsLost(): Promise<void> {
  expect(await rows()).toBe(rowsBefore);
  expect(await here.show('share-1', { scanFile: join(ground.made, 'sheets/share-1.pdf') })).toBeNull();
  expect(await here.type('passphrase-1', passphrases[0] ?? '')).toBeNull();
  expect(await here.perform()).toBeNull();
  expect((await here.view()).current?.id).toBe('share-2');
}

test('the sheet of another custodian', async () => {
  expect(await here.show('share-1', { scanSheet: 2 })).toMatchObject({
    code: 'SHARE_NOT_THEIRS',
    params: { given: 2, asked: 1 },
  });
  await nothingIsLost();
});

test('one share twice: by the second custodian, and where a recovery is given it twice', async () => {
  const rehearsal = at(ground.core, await ground.begin('recovery-rehearsal', 'rehearsal'));
  expect(await rehearsal.show('share-1', { scanSheet: 1 })).toBeNull();
  expect(await rehearsal.show('share-3', { scanSheet: 1 })).toMatchObject({ code: 'SHARE_REPEATED' });
  const [text = ''] = await scanPdf(sheet('share-1'));
  const one = TokenProcess.start();
  await one.call('open', { location: { kind: 'software', folder: join(ground.folder, 'twice'), token: 'twice' } });
  await one.call('login', { pin: await one.sendSecret(Buffer.from('one-pin-2026')), securityOfficerPin: null });
  const shares: { text: string; passphrase: string }[] = [];
  for (let count = 0; count < 3; count++) {
    shares.push({ text, passphrase: await one.sendSecret(Buffer.from(passphrases[0] ?? '')) });
  }
  await refused('SHARE_REPEATED', () => one.call('rehearse', { manifest: manifest(), shares, backups: [] }));
  await one.close();
});

test('a share of an older epoch, and one of another set', async () => {
  const { ceremony, masterKeyId, threshold, shareCount, epoch } = manifest();
  expect(epoch).toBe(1);
  const made = (of: number) =>
    splitMasterKey({
      ...{ masterKey: new Uint8Array(randomBytes(32)), masterKeyId, ceremony, threshold, shareCount, epoch: of },
      passphrases: passphrases.map((text) => new TextEncoder().encode(text)),
      scryptLog2N: 10,
    });
  const old = (await made(0)).shares[0]?.text ?? '';
  expect(await here.show('share-1', { text: old })).toMatchObject({
    code: 'SHARE_OLD_EPOCH',
    params: { epoch: 0, current: 1 },
  });
  const other = (await made(1)).shares[0]?.text ?? '';
  expect(await here.show('share-1', { text: other })).toMatchObject({ code: 'SHARE_FOREIGN' });
  await nothingIsLost();
});

test('the code of the manifest sheet, of a backup sheet, of a transcript: scanned by hand, and in a picture', async () => {
  for (const [name, says] of [
    ['manifest', 'manifest'],
    ['backup-root-2026', 'backup'],
    ['../transcript', 'transcript'],
  ] as const) {
    const [text = ''] = await scanPdf(sheet(name));
    expect(text).not.toBe('');
    expect(await here.show('share-1', { text })).toMatchObject({ code: 'SHEET_OTHER', params: { sheet: says } });
    const shown = await here.show('share-1', { scanFile: join(ground.made, 'sheets', `${name}.pdf`) });
    expect(shown).toMatchObject({ code: 'SHEET_OTHER', params: { sheet: says } });
  }
  await nothingIsLost();
});

test('the letter O for zero: its line and place are named, and the zero is suggested', async () => {
  const [text = ''] = await scanPdf(sheet('share-1'));
  const lines = shareLines(text).map(({ groups, check }) => `${groups.join(' ')} ${check}`);
  const wrong = lines.findIndex((line) => line.includes('0'));
  expect(wrong).toBeGreaterThanOrEqual(0);
  const typed = lines.map((line, index) => (index === wrong ? line.replace('0', 'O') : line)).join('\n');
  const refusal = await here.show('share-1', { text: typed });
  expect(refusal).toMatchObject({ code: 'SHARE_DAMAGED' });
  expect(refusal?.params['detail']).toContain(`line ${wrong + 1}, `);
  expect(refusal?.params['detail']).toContain('it may be 0');
  // As one line, where nothing checks line by line.
  const whole = await here.show('share-1', { text: text.replaceAll('0', 'O') });
  expect(whole).toMatchObject({ code: 'SHARE_DAMAGED' });
  expect(whole?.params['detail']).toContain('a character that no share has');
  await nothingIsLost();
});

test('a photograph of a photograph is read, until it shows nothing any more', async () => {
  const first = photographed(photographOf(sheet('share-1'), 200), { degrees: 4, scale: 0.9, blur: 1, noise: 6 });
  expect(await showPicture(photographed(first, { degrees: -7, scale: 0.9, blur: 1, noise: 6 }))).toBeNull();
  const far = photographed(first, { degrees: -7, scale: 0.2, blur: 3, noise: 20 });
  const refusal = await showPicture(far, 'far.png');
  expect(refusal).toMatchObject({ code: 'PICTURE_UNREADABLE', params: { detail: 'no code in it can be read' } });
  await nothingIsLost();
});

test('half a sheet: one of its two codes is enough, half a code is not', async () => {
  const whole = photographOf(sheet('share-1'), 150);
  expect(await showPicture(pieceOf(whole, [0, 0.5], [0, 1]))).toBeNull();
  expect(await showPicture(pieceOf(whole, [0.5, 1], [0, 1]))).toBeNull();
  // Torn across, where the codes stop, and through the middle of both.
  expect(await showPicture(pieceOf(whole, [0, 1], [0.55, 1]))).toMatchObject({ code: 'PICTURE_UNREADABLE' });
  expect(await showPicture(pieceOf(whole, [0, 1], [0, 0.32]))).toMatchObject({ code: 'PICTURE_UNREADABLE' });
  await nothingIsLost();
});

test('two sheets in one picture, a file that is no picture, one that was cut, and none at all', async () => {
  const [left, right] = [photographOf(sheet('share-1'), 120), photographOf(sheet('share-2'), 120)];
  const width = left.width + right.width;
  const grey = Float64Array.from({ length: width * left.height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    return x < left.width ? (left.grey[y * left.width + x] ?? 0) : (right.grey[y * right.width + x - left.width] ?? 0);
  });
  const several = await showPicture({ width, height: left.height, grey });
  expect(several).toMatchObject({ code: 'PICTURE_UNREADABLE', params: { detail: 'it shows several shares' } });
  const text = await showPicture(new TextEncoder().encode('CLV1 and so on'));
  expect(text).toMatchObject({ params: { detail: 'it is not a PDF, PNG or JPEG file' } });
  for (const cut of [sheet('share-1').subarray(0, 3000), pngOf(left).subarray(0, 3000)]) {
    expect(await showPicture(cut)).toMatchObject({ code: 'PICTURE_UNREADABLE' });
  }
  const none = { scanFile: join(ground.folder, 'none.png') };
  expect(await here.show('share-1', none)).toMatchObject({ code: 'FILE_MISSING' });
  expect(existsSync(none.scanFile)).toBe(false);
  await nothingIsLost();
});

test('a wrong passphrase is named; after the third of a share the next one waits, also after a new start', async () => {
  const shown = { scanSheet: 1 };
  expect(await here.show('share-1', shown)).toBeNull();
  for (let wrong = 1; wrong <= 3; wrong++) {
    expect(await here.type('passphrase-1', `not it, ${wrong}`)).toBeNull();
    expect(await here.perform()).toMatchObject({ code: 'SHARE_PASSPHRASE_WRONG', params: { x: 1 } });
  }
  const refusal = await here.type('passphrase-1', passphrases[0] ?? '');
  expect(refusal).toMatchObject({ code: 'PASSPHRASE_THROTTLED', recovery: 'retry', params: { share: 1 } });
  expect(refusal?.params['seconds']).toBeGreaterThan(0);
  expect(refusal?.params['seconds']).toBeLessThanOrEqual(60);
  const view = await here.view();
  expect(view).toMatchObject({
    status: 'running',
    current: { id: 'share-1', asks: [{}, { given: true }, { given: false }] },
  });
  here = at(await ground.restart(), view);
  expect(await here.type('passphrase-1', passphrases[0] ?? '')).toMatchObject({ code: 'PASSPHRASE_THROTTLED' });
  // Nobody need wait for this one: that share is recorded as absent, and the next custodian comes.
  expect(await here.show('absent-1', { text: 'does not know the passphrase' })).toBeNull();
  expect(await here.type('main-pin', answersOf('attestation').pin ?? '')).toBeNull();
  expect(await here.perform()).toBeNull();
  expect((await here.view()).current?.id).toBe('share-2');
});
