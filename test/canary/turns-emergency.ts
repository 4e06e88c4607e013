import { URI } from 'otpauth';
import type { Turns } from './turns.ts';

/** Somebody is put on the emergency list, breaks the glass, reads and stores, is told of, and is reviewed. */
export async function breakGlass({ ada, billing, transport, walker }: Turns): Promise<void> {
  const { secret, hear, over, refused, same, keepMoment } = walker;
  const none = new Uint8Array(0);
  await ada('vault.setPassword', { name: 'keeper' }, { password: secret('keeper password') });
  const uri = (await ada('vault.setTotp', { name: 'keeper' })).secret ?? none;
  const totp = URI.parse(new TextDecoder().decode(uri));
  hear('codes of keeper', totp.secret.bytes);
  const { secret: session } = await transport.call(
    'vault.login',
    { name: 'keeper', code: totp.generate() },
    { password: secret('keeper password') },
  );
  hear('session of keeper', session ?? none);
  const keeper = over(transport, session ?? none);
  const at = { owner: 'web', environment: 'production', name: 'emergency' } as const;
  await billing('vault.put', { ...at, category: 'system-configuration' }, { value: secret('emergency value') });

  const reason = 'the database of production does not answer';
  // Of the next half minute: the one of this counted already.
  const code = totp.generate({ timestamp: Date.now() + 30_000 });
  await refused('VAULT_REFUSED', () => keeper('vault.breakGlass', { reason, code }));
  await ada('vault.breakGlassAllow', { name: 'keeper', allowed: true });
  await refused('LOGIN_REFUSED', () => keeper('vault.breakGlass', { reason, code: totp.generate({ timestamp: 0 }) }));
  const { id: emergency } = (await keeper('vault.breakGlass', { reason, code })).output;
  same((await keeper('vault.get', at)).secret, 'emergency value');
  await keeper('vault.put', at, { value: secret('emergency value') });
  keepMoment();
  await refused('EMERGENCY_LIVE', () =>
    ada('vault.breakGlassReview', { emergency, finding: 'all of it was needed', operations: 0 }),
  );
  await keeper('vault.breakGlassEnd', { emergency });
  // Everybody was told of both.
  for (;;) {
    const { emergencies } = (await ada('vault.breakGlassStatus', {})).output;
    const [one] = emergencies;
    if (one?.notices.some(({ state }) => state === 'failed')) throw new Error('somebody was not told');
    if (one?.notices.filter(({ state }) => state === 'sent').length !== 6) continue;
    await ada('vault.breakGlassReview', { emergency, finding: 'all of it was needed', operations: one.operations });
    break;
  }
  keepMoment();
}
