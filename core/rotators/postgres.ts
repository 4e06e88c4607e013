import { randomFillSync } from 'node:crypto';
import { guarded, guardedCopy, wipe } from '../process/guarded.ts';
import { type Login, type PostgresSettings, loginOf, refusal, withLogin } from './postgres-login.ts';
import { draw } from './random.ts';
import type { Rotator, RotatorTools } from './rotator.ts';
import { SALT_BYTES, scramVerifier } from './scram.ts';

/** 190 bits. */
const PASSWORD = { length: 32, alphabet: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' };

/**
 * Two roles of PostgreSQL that take turns. The one that the present version does not name gets a new password, and the next version names it; who still uses the version before
 * is let in until the rotation after this one. The server is sent verifiers, never a password.
 */
export function postgresRotator(settings: PostgresSettings, { open }: RotatorTools): Rotator {
  const { roles } = settings;

  /** The role whose turn it is. */
  async function nextRole(step: string): Promise<string> {
    const present = await openLogin('present', step);
    const [one, other] = roles;
    if (present === null || present.username === other) return one;
    if (present.username !== one) throw refusal(step, 'the present version names neither role');
    return other;
  }

  async function openLogin(what: Parameters<typeof open>[0], step: string): Promise<Login | null> {
    const value = await open(what);
    if (!value) return null;
    try {
      const login = loginOf(value);
      // The first version may have been anything.
      if (!login) throw refusal(step, 'a version is not {"username", "password"}');
      return login;
    } finally {
      wipe(value);
    }
  }

  async function asAdministrator<T>(step: string, work: Parameters<typeof withLogin<T>>[3]): Promise<T> {
    const login = await openLogin({ secret: settings.administrator }, step);
    if (!login) throw refusal(step, 'the administrator’s secret is not there');
    return withLogin(settings, login, step, work);
  }

  async function setPassword(step: string, role: string, password: Uint8Array): Promise<void> {
    if (!(roles as string[]).includes(role)) throw refusal(step, 'the version names neither role');
    const verifier = scramVerifier(password, randomFillSync(new Uint8Array(SALT_BYTES)));
    await asAdministrator(step, async (client) => {
      await client.query(`ALTER ROLE ${client.escapeIdentifier(role)} PASSWORD ${client.escapeLiteral(verifier)}`);
    });
  }

  async function setLogin(step: string, value: Uint8Array): Promise<void> {
    const login = loginOf(value);
    if (!login) throw refusal(step, 'the version is not {"username", "password"}');
    const password = guardedCopy(new TextEncoder().encode(login.password));
    try {
      await setPassword(step, login.username, password);
    } finally {
      wipe(password);
    }
  }

  return {
    async foresee() {
      const role = await nextRole('foresee');
      const found = await asAdministrator('foresee', (client) =>
        client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = ANY($1)', [roles]),
      );
      if (found.rows.length < 2) throw refusal('foresee', 'not both roles are there');
      return role;
    },
    async prepare() {
      const password = draw(PASSWORD);
      const [head, tail] = [`{"username":"${await nextRole('prepare')}","password":"`, '"}'].map((text) =>
        new TextEncoder().encode(text),
      ) as [Uint8Array, Uint8Array];
      const value = guarded(head.length + password.length + tail.length);
      value.set(head);
      value.set(password, head.length);
      value.set(tail, head.length + password.length);
      wipe(password);
      return value;
    },
    apply: (next) => setLogin('apply', next),
    async verify(next) {
      const login = loginOf(next);
      if (!login) throw refusal('verify', 'the version is not {"username", "password"}');
      await withLogin(settings, login, 'verify', async (client) => {
        const { rows } = await client.query<{ name: string }>('SELECT session_user AS name');
        if (rows[0]?.name !== login.username) throw refusal('verify', 'the server names another role');
      });
    },
    /** The version before names the role that was changed, where there is one. Without it nobody knows what was its password. */
    async rollBack() {
      const before = await open('before');
      if (!before) return;
      try {
        if (loginOf(before)?.username === (await nextRole('roll-back'))) await setLogin('roll-back', before);
      } finally {
        wipe(before);
      }
    },
  };
}
