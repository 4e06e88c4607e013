import { execFile } from 'node:child_process';
import { constants, open } from 'node:fs/promises';
import type { Notifier } from '../contract/vault-emergency-policy.ts';
import { Refusal } from '../contract/errors.ts';
import { tell } from '../contract/tell.ts';
import { writeRefusal } from '../store/files.ts';

/** Ways to tell people outside of the vault. None is waited for longer than its time, and none says why it failed but by a code. */

/** What is told. Nothing of it is secret, and a reason is what a person typed. */
export type Notice = {
  event: 'opened' | 'ended';
  emergency: string;
  principal: string;
  reason: string;
  /** owner/environment/name */
  scope: string;
  rights: string;
  openedAt: string;
  expiresAt: string;
  /** Null for one that is not over. */
  endedAt: string | null;
};

const COMMAND_MS = 10_000;
const MAIL_MS = 10_000;

/** NOTIFIER_FAILED with what failed, OUTPUT_*. `password`: of a mail server's user; the caller wipes it. */
export async function notify(notifier: Notifier, notice: Notice, password: Uint8Array | null): Promise<void> {
  switch (notifier.kind) {
    case 'file':
      return appendLine(notifier.path, notice);
    case 'command':
      return run(notifier.program, notifier.arguments ?? [], notice);
    case 'smtp':
      return mail(notifier, notice, password);
  }
}

/** Durable when it answers. A link there is not followed. */
async function appendLine(path: string, notice: Notice): Promise<void> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  try {
    const file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
    try {
      await file.write(`${JSON.stringify(notice)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeRefusal(error, path);
  }
}

/** It sees nothing of this process's environment. */
function run(program: string, words: string[], notice: Notice): Promise<void> {
  return new Promise((done, failed) => {
    const options = { timeout: COMMAND_MS, killSignal: 'SIGKILL', env: { PATH: '/usr/bin:/bin' }, cwd: '/' } as const;
    const child = execFile(program, words, options, (error) => {
      if (!error) done();
      else {
        const { code, killed = false } = error;
        const ended = typeof code === 'number' ? `exit ${code}` : (code ?? 'a signal');
        failed(new Refusal('NOTIFIER_FAILED', { detail: killed ? 'too slow' : ended }));
      }
    });
    // One that does not read is as good as one that does.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(JSON.stringify(notice));
  });
}

async function mail(
  { host, port, tls, ca, user, from, to, language = 'en' }: Extract<Notifier, { kind: 'smtp' }>,
  notice: Notice,
  password: Uint8Array | null,
): Promise<void> {
  if (user !== undefined && !password) throw new Refusal('NOTIFIER_FAILED', { detail: 'no password' });
  // Read where a message is sent, and by no start.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: true,
      tls: { minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) },
    },
    ...{ connectionTimeout: MAIL_MS, greetingTimeout: MAIL_MS, socketTimeout: MAIL_MS, disableFileAccess: true },
    // The protocol is text: here alone the password is a string.
    ...(user === undefined ? {} : { auth: { user, pass: new TextDecoder().decode(password ?? undefined) } }),
  });
  const { event, endedAt, ...values } = notice;
  const reader = { language };
  try {
    await transport.sendMail({
      ...{ from, to, priority: 'high', subject: tell(reader, `emergency.${event}`, { principal: notice.principal }) },
      text: tell(reader, `emergency.${event}.text`, { ...values, endedAt: endedAt ?? '' }),
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
    throw new Refusal('NOTIFIER_FAILED', { detail: code.slice(0, 40) });
  } finally {
    transport.close();
  }
}
