import type { ReactNode } from 'react';
import { Empty } from '../components/empty.tsx';
import table from '../components/table.module.css';
import { say } from '../messages/say.ts';

/** No more lines stand in the window: a table on a medium has them all. */
const LINES = 200;

type Column = { title: string; look?: 'number' | 'time' | 'small' | 'name' };
type Props<Line> = { columns: Column[]; lines: Line[]; none: string; cells: (line: Line) => [string, ...ReactNode[]] };

/** Lines of a report; the first cell is what a line is about, and names its row. */
export function ReportTable<Line>({ columns, lines, none, cells }: Props<Line>) {
  if (lines.length === 0) return <Empty>{none}</Empty>;
  const look = (column: number) => table[columns[column]?.look ?? ''];
  return (
    <>
      <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
        <thead>
          <tr>
            {columns.map(({ title }, column) => (
              <th key={title} scope="col" className={look(column)}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, LINES).map((line, number) => {
            const [about, ...others] = cells(line);
            return (
              // A report is drawn anew as a whole.
              <tr key={number}>
                <th scope="row" className={look(0)}>
                  {about}
                </th>
                {others.map((cell, column) => (
                  <td
                    key={columns[column + 1]?.title}
                    data-label={columns[column + 1]?.title}
                    className={look(column + 1)}
                  >
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {lines.length > LINES && <p>{say('reports.more', { count: lines.length - LINES })}</p>}
    </>
  );
}
