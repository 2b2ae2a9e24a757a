import type { ReactNode } from 'react';
import { cn } from './cn.ts';

export interface Column<Row> {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  align?: 'left' | 'right';
  /** Left out on narrow screens. */
  wideOnly?: boolean;
}

/** Plain data table with a caption for screen readers; scrolls sideways when it must. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}) {
  const look = (column: Column<Row>) =>
    cn(
      'px-4 first:pl-5 last:pr-5',
      column.align === 'right' ? 'text-right tabular-nums' : 'text-left',
      column.wideOnly === true && 'hidden md:table-cell',
    );
  return (
    // A region that scrolls must be reachable by keyboard.
    <div className="overflow-x-auto" role="group" aria-label={caption} tabIndex={0}>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cn(look(column), 'py-2.5 text-xs font-medium text-ink-soft')}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-sunken/50">
              {columns.map((column) => (
                <td key={column.key} className={cn(look(column), 'py-3 align-top')}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
