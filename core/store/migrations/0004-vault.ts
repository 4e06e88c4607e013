import { type Kysely, sql } from 'kysely';

/** The vault: secrets and their versions, who there is and what each was granted, what they tried, and the keys that wrap. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Keys that encrypt data keys. One is active.
  await db.schema
    .createTable('vault_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('place', 'text', (column) => column.notNull())
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('check_value', 'blob', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('vault_policy')
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('at', 'text', (column) => column.notNull())
    .addColumn('changed_by', 'text', (column) => column.notNull())
    .addColumn('policy', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('vault_secret')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('category', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'text', (column) => column.notNull())
    .addColumn('accessed_at', 'text')
    .addColumn('rotation_due', 'text')
    .addUniqueConstraint('vault_secret_identity', ['owner', 'environment', 'name'])
    .execute();
  await db.schema.createIndex('vault_secret_by_due').on('vault_secret').column('rotation_due').execute();
  await db.schema
    .createTable('vault_version')
    .addColumn('secret', 'text', (column) => column.notNull().references('vault_secret.id').onDelete('cascade'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('algorithm', 'text', (column) => column.notNull())
    .addColumn('data_key', 'blob', (column) => column.notNull())
    .addColumn('iv', 'blob', (column) => column.notNull())
    .addColumn('ciphertext', 'blob', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('vault_version_key', ['secret', 'version'])
    .execute();
  await db.schema
    .createIndex('vault_version_by_key')
    .on('vault_version')
    .columns(['key_id', 'secret', 'version'])
    .execute();
  await db.schema
    .createTable('vault_tag')
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull().references('vault_secret.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('vault_tag_key', ['tag', 'secret'])
    .execute();
  await db.schema.createIndex('vault_tag_by_secret').on('vault_tag').column('secret').execute();
  await db.schema
    .createTable('vault_principal')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('system', 'integer', (column) => column.notNull())
    .addColumn('disabled', 'integer', (column) => column.notNull())
    // SHA-256 of a client certificate; the user number on this machine. What authenticates otherwise is a secret of the vault's own.
    .addColumn('certificate', 'text', (column) => column.unique())
    .addColumn('uid', 'integer', (column) => column.unique())
    // Of the newest one-time code that was taken: none is taken twice (RFC 6238 5.2).
    .addColumn('totp_counter', 'integer')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('vault_grant')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('principal', 'text', (column) => column.notNull().references('vault_principal.id'))
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('rights', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('granted_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('revoked_at', 'text')
    .execute();
  await db.schema
    .createIndex('vault_grant_by_principal')
    .on('vault_grant')
    .columns(['principal', 'revoked_at'])
    .execute();
  await db.schema
    .createTable('vault_request')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('principal', 'text', (column) => column.notNull().references('vault_principal.id'))
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('shown', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .addColumn('used_at', 'text')
    .execute();
  await db.schema.createIndex('vault_request_by_expiry').on('vault_request').column('expires_at').execute();
  await db.schema
    .createTable('vault_approval')
    .addColumn('request', 'text', (column) => column.notNull().references('vault_request.id'))
    .addColumn('principal', 'text', (column) => column.notNull().references('vault_principal.id'))
    .addColumn('at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('vault_approval_key', ['request', 'principal'])
    .execute();
  // What one principal did at one secret ('' for all together): the counts of the present window, and whether it is locked.
  await db.schema
    .createTable('vault_use')
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('minute', 'integer', (column) => column.notNull())
    .addColumn('reads', 'integer', (column) => column.notNull())
    .addColumn('hour', 'integer', (column) => column.notNull())
    .addColumn('hourly', 'integer', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addColumn('failing_since', 'text')
    .addColumn('locked_at', 'text')
    .addColumn('total', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('vault_use_key', ['principal', 'secret'])
    .execute();
  await sql`CREATE INDEX vault_use_locked ON vault_use (locked_at) WHERE locked_at IS NOT NULL`.execute(db);
  // Which ledger rows are about which secret and principal.
  await db.schema
    .createTable('vault_trail')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('secret', 'text')
    .addColumn('principal', 'text')
    .execute();
  await db.schema.createIndex('vault_trail_by_secret').on('vault_trail').columns(['secret', 'seq']).execute();
  await db.schema.createIndex('vault_trail_by_principal').on('vault_trail').columns(['principal', 'seq']).execute();
}
