import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { sampleAnswers } from '../crash/shipped.ts';
import { type LiveRoom, liveRoom } from './live-room.ts';

/** Shipped ceremonies of a CA as they are live, and a recipient that brings a certificate. Each begins where the root was made, whose store and tokens are put back for it. */

let room: LiveRoom;
let data: string;
let root: string;
let trusted: string[];

beforeAll(async () => {
  room = liveRoom();
  const { folder } = room;
  [data, root] = [join(folder, 'data'), join(folder, 'root-and-issuing')];
  trusted = ['-CAfile', join(root, 'root.crt')];
  const recipient = join(folder, 'recipient.crt');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes', '-days', '30'];
  const usage = ['-subj', '/CN=Importer', '-addext', 'keyUsage=critical,keyAgreement'];
  const files = ['-keyout', join(folder, 'recipient.key'), '-out', recipient];
  execFileSync('openssl', ['req', '-x509', ...curve, ...usage, ...files], { stdio: 'pipe' });
  await room.live('root-and-issuing', data, { checkpointLost: 'the first ceremony' }, { recipient }, trusted);
  room.keep('made', data);
}, 300_000);
afterAll(() => {
  room.remove();
});

test('recovery-rehearsal', { timeout: 300_000 }, async () => {
  room.putBack('made', data);
  const checkpoint = readFileSync(join(root, 'checkpoint.txt'), 'utf8');
  await room.live('recovery-rehearsal', data, { checkpoint }, {}, trusted);
});

test('disaster-recovery, on tokens that are empty again', { timeout: 300_000 }, async () => {
  room.putBack('empty', data);
  const { texts } = sampleAnswers('disaster-recovery');
  const brought = { texts: { ...texts, medium: join(room.medium, 'root-and-issuing') } };
  const lost = { checkpointLost: 'the store is gone' };
  await room.live('disaster-recovery', join(room.folder, 'new-data'), lost, brought, trusted);
});
