/** What is told of each strategy as a table: for the terminal, and as Markdown for a page. Pure. */
import Table from 'cli-table3';
import type { Ranked } from './ranking';

export interface Column {
  head: string;
  /** On a terminal, in characters: all of a table's fit into 130. */
  width: number;
  value: (row: Ranked) => string;
  /** The 95 % bound of the value; empty where there is none. */
  bound?: (row: Ranked) => string;
  /** Numbers stand on the right. */
  words?: true;
}

export function terminalTable(columns: readonly Column[], rows: readonly Ranked[]): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map((column) => (column.words ? 'left' : 'right')),
    colWidths: columns.map(({ width }) => width),
    wordWrap: true,
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => columns.map((column) => cells(column, row).join('\n'))));
  return table.toString();
}

export function markdownTable(columns: readonly Column[], rows: readonly Ranked[]): string {
  const line = (cellsOfLine: readonly string[]): string => `| ${cellsOfLine.join(' | ')} |`;
  return [
    line(columns.map(({ head }) => head)),
    line(columns.map((column) => (column.words ? '---' : '--:'))),
    ...rows.map((row) => line(columns.map((column) => cells(column, row).join(', ')))),
  ].join('\n');
}

function cells({ value, bound }: Column, row: Ranked): string[] {
  return [value(row), bound?.(row) ?? ''].filter((text) => text !== '');
}
