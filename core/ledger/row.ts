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
  return `{"at":${quotedAt(at)},"body":${body},"ceremony":${quotedCeremony(ceremony)},"kind":${quotedKind(kind)},"seq":${seq}}`;
}

const [quotedAt, quotedCeremony, quotedKind] = [quoting(), quoting(), quoting()];

/** `JSON.stringify`, which most rows need for the same values as the row before. */
function quoting(): (value: string | null) => string {
  let [last, text]: [string | null, string] = [null, 'null'];
  return (value) => {
    if (value !== last) [last, text] = [value, JSON.stringify(value)];
    return text;
  };
}

export function parsedRow(row: RowText): LedgerRow {
  return { ...row, body: JSON.parse(row.body) as unknown };
}
