import { join } from 'node:path';
import type { Answers } from '../../core/cli/answers.ts';
import { sampleAnswers } from '../crash/shipped.ts';
import { REPOSITORY } from '../shipped.ts';
import type { Canary } from './forms.ts';
import type { Ground } from './ground.ts';
import type { Marked } from './marked.ts';
import { backedUpKeys, recipientKey, shareSecrets, softwareTokenKeys, typedSecrets } from './known.ts';

/** One shipped ceremony: what it is answered besides its samples, and what can be known of its secrets when it has ended. */
export type Walk = {
  script: string;
  /** Whose passphrases the shares have that it makes; those of the first five if nothing is said. */
  passphrases?: (marked: Marked) => string[];
  dice?: boolean;
  makesShares?: boolean;
  born?: boolean;
  /** Store and token are gone when it begins; the medium of this ceremony is left. */
  burntBut?: string;
};

/** Passphrases cost little, and dice are asked for where a master key is made; everything else is as it is shipped. */
export function cheaply(text: string): string {
  return text
    .replace(/\{ label: (master-key-202[67]|vault-master-2026) \}/, '{ label: $1, scryptLog2N: 10, dice: true }')
    .replace('scryptLog2N: 17', 'scryptLog2N: 10')
    .replace('{ share: 2 }', '{ share: 2, scryptLog2N: 10 }')
    .replace('action: re-share', 'action: re-share\n    parameters: { scryptLog2N: 10 }');
}

export const ROOT: Walk = { script: 'root-and-issuing', makesShares: true, dice: true };
export const REHEARSAL: Walk = { script: 'recovery-rehearsal' };

/** Shipped ceremonies, in an order in which each finds what it needs. */
const AFTER_ROOT: Walk[] = [
  ROOT,
  { script: 'vault-initialisation', makesShares: true, dice: true, passphrases: (marked) => marked.vaultPassphrases },
  { script: 'issue-intermediate' },
  { script: 'crl' },
  REHEARSAL,
  { script: 'custody-change' },
  { script: 'attestation' },
  { script: 'exercise', passphrases: ({ newPassphrases }) => newPassphrases.slice(0, 5) },
  { script: 'export' },
  { script: 'key-destruction' },
  { script: 'token-initialisation', born: true },
];

/** Others, each of which changes the shares of a root: one a store. */
const CHANGES: Walk[] = [
  {
    script: 'replace-share',
    passphrases: ({ passphrases, newPassphrases: [second = ''] }) => passphrases.with(1, second),
  },
  { script: 're-share', makesShares: true, passphrases: (marked) => marked.newPassphrases },
  {
    ...{ script: 'rotate-master-key', makesShares: true, dice: true },
    passphrases: (marked) => marked.newPassphrases.slice(0, 5),
  },
];

const AFTER_FIRE: Walk = { script: 'disaster-recovery', burntBut: ROOT.script };

const VAULT: Walk = { script: 'vault-initialisation', makesShares: true, dice: true };

/** Every shipped ceremony: a list a store. */
export const WALKS: Walk[][] = [
  AFTER_ROOT,
  ...[...CHANGES, AFTER_FIRE].map((after) => [ROOT, after]),
  [VAULT, { script: 'vault-recovery', burntBut: VAULT.script }],
];

/** Walks a ceremony, and answers what is then known of the secrets in it. */
export async function walk(ground: Ground, { script, ...is }: Walk, token?: string): Promise<Canary[]> {
  const { marked } = ground;
  const passphrases = is.passphrases?.(marked) ?? marked.passphrases;
  const sample = sampleAnswers(script);
  const brought = {
    ...(sample.texts?.['request'] ? { request: join(REPOSITORY, 'resources/ceremonies/samples/issuing-2.csr') } : {}),
    ...(is.burntBut ? { medium: ground.out(is.burntBut) } : {}),
  };
  const answers: Answers = {
    ...sample,
    pin: marked.pin,
    pinParts: marked.pinParts,
    ...(is.born ? { securityOfficerPin: marked.securityOfficerPin } : {}),
    ...(sample.passphrases ? { passphrases } : {}),
    ...(sample.oldPassphrases ? { oldPassphrases: marked.passphrases } : {}),
    ...(is.dice ? { dice: marked.dice } : {}),
    ...(sample.texts ? { texts: { ...sample.texts, ...brought } } : {}),
  };
  if (is.burntBut) ground.burn();
  const file = ground.script(script, (text) => {
    const changed = cheaply(text);
    const prints = is.makesShares === true || is.passphrases !== undefined;
    if ((changed !== text) !== prints) throw new Error(`${script} has changed`);
    return changed;
  });
  await ground.walk(script, { script: file, answers, token: is.born ? ground.newToken() : token });
  const out = ground.out(script);
  const known = [...recipientKey(out), ...softwareTokenKeys([ground.left, ground.said], ground.heard)];
  if (!is.makesShares) return known;
  const shares = shareSecrets(out, passphrases);
  const masterKey = shares.find(({ kind }) => kind === 'master key');
  return [...known, ...shares, ...backedUpKeys(out, masterKey?.bytes ?? new Uint8Array())];
}

/** Walks several in one store, asks for what the ledger shows, and answers every secret that there was. */
export async function walkAll(ground: Ground, walks: Walk[], token?: string): Promise<Canary[]> {
  const known: Canary[] = [];
  for (const one of walks) known.push(...(await walk(ground, one, token)));
  const store = ['--data', ground.data];
  for (const words of [
    ['ledger', 'export', ...store, '--out', join(ground.left, 'ledger-export.json')],
    ['ledger', 'list', ...store, '--limit', '100000', '--json'],
    ['ledger', 'witness', ...store],
    ['ceremony', 'list', ...store, '--json'],
  ]) {
    const { status, stderr } = await ground.run(words);
    if (status !== 0) throw new Error(`${words.join(' ')}\n${stderr}`);
  }
  return withoutRepeats([...typedSecrets(ground), ...known]);
}

/** A token is looked at after each ceremony. */
export function withoutRepeats(canaries: Canary[]): Canary[] {
  const byName = canaries.map((canary): [string, Canary] => {
    const { name, bytes } = canary;
    return [`${name} ${Buffer.from(bytes).toString('hex')}`, canary];
  });
  return [...new Map(byName).values()];
}
