import { readFileSync } from 'node:fs';
import { type Capabilities, type Capability, OPERATIONS } from '../../core/hsm/token.ts';

/** The table of docs/tokens.md: what each module can do. */
export const TABLE_FILE = new URL('../../docs/tokens.md', import.meta.url).pathname;

/** One cell an operation. */
export function columnOf(capabilities: Capabilities): string[] {
  return OPERATIONS.map((operation) => cellOf(capabilities[operation]));
}

function cellOf(capability: Capability): string {
  return capability.is === 'refused' ? `refused: ${capability.lacks}` : `${capability.is}: ${capability.by}`;
}

/** The column of a module as it stands in the file. */
export function committedColumn(module: string): string[] {
  const rows = readFileSync(TABLE_FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
  const at = rows[0]?.indexOf(module) ?? -1;
  return rows.slice(2).map((row) => row[at] ?? '');
}

export function tableText(columns: { module: string; cells: string[] }[]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['operation', ...columns.map(({ module }) => module)]),
    row(['---', ...columns.map(() => '---')]),
    ...OPERATIONS.map((operation, at) => row([operation, ...columns.map(({ cells }) => cells[at] ?? '')])),
  ].join('\n');
}
