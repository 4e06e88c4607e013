/** A row as it stands. */
export type LedgerRow = { seq: number; at: string; kind: string; ceremony: string | null; body: unknown };

export type NewRow = { kind: string; ceremony: string | null; body: unknown };

/** A row whose body is still canonical JSON (RFC 8785). */
export type RowText = { seq: number; at: string; kind: string; ceremony: string | null; body: string };

/**
 * The leaf of a row: the canonical JSON (RFC 8785) of the whole row. Its members stand in ascending order, the body is canonical
 * already, and strings are escaped as `JSON.stringify` does (RFC 8785 3.2.2.2); nothing is parsed for it.
 */
export function leafOf({ seq, at, kind, ceremony, body }: RowText): string {
  return `{"at":${JSON.stringify(at)},"body":${body},"ceremony":${JSON.stringify(ceremony)},"kind":${JSON.stringify(kind)},"seq":${seq}}`;
}

export function parsedRow(row: RowText): LedgerRow {
  return { ...row, body: JSON.parse(row.body) as unknown };
}
