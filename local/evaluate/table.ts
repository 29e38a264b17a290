/** The ranking as a table: for the terminal, and as Markdown for docs/strategies.md. Pure. */
import Table from 'cli-table3';
import { number, percent } from '../simulate/summary';
import { DECIMALS, type Ranked } from './ranking';

interface Column {
  head: string;
  /** On a terminal, in characters: all of them fit into 130. */
  width: number;
  value: (row: Ranked) => string;
  /** The 95 % bound of the value; empty where there is none. */
  bound?: (row: Ranked) => string;
}

const COLUMNS: readonly Column[] = [
  { head: 'rank', width: 6, value: ({ rank }) => String(rank) },
  { head: 'strategy', width: 18, value: ({ strategy }) => strategy.name },
  {
    head: 'availability',
    width: 14,
    value: ({ figures }) => percent(figures.availability),
    bound: ({ figures: { availabilityLower95: least } }) => (least === null ? '' : `≥ ${percent(least)}`),
  },
  {
    head: 'minutes lost / VIP and year',
    width: 12,
    value: ({ figures }) => number(figures.minutesLostPerVipYear, DECIMALS.minutesLost),
    bound: ({ figures }) => atMost(figures.minutesLostPerVipYearUpper95, DECIMALS.minutesLost),
  },
  {
    head: 'minutes more than the yardstick',
    width: 14,
    value: ({ moreMinutesLost }) => (moreMinutesLost === null ? '' : signed(moreMinutesLost.mean)),
    bound: ({ moreMinutesLost }) => (moreMinutesLost === null ? '' : `± ${number(moreMinutesLost.within95, 1)}`),
  },
  {
    head: 'calls lost / VIP and year',
    width: 12,
    value: ({ figures }) => number(figures.callsLostPerVipYear, DECIMALS.callsLost),
    bound: ({ figures }) => atMost(figures.callsLostPerVipYearUpper95, DECIMALS.callsLost),
  },
  {
    head: 'false failovers / 1,000 years',
    width: 13,
    value: ({ figures }) => number(figures.falseFailoversPer1000Years, DECIMALS.falseFailovers),
    bound: ({ figures }) => atMost(figures.falseFailoversPer1000YearsUpper95, DECIMALS.falseFailovers),
  },
  { head: 'served again, p99', width: 10, value: ({ figures }) => seconds(figures.recoverMs.p99) },
  {
    head: 'hours without standby / year',
    width: 11,
    value: ({ figures }) => number(figures.withoutStandbyHoursPerYear, 1),
    bound: ({ figures }) => atMost(figures.withoutStandbyHoursPerYearUpper95, 1),
  },
  { head: 'USD / VIP and month', width: 9, value: ({ usd }) => number(usd, DECIMALS.usd) },
];

/** The only column of words: the others are numbers, and those stand on the right. */
const isWords = ({ head }: Column): boolean => head === 'strategy';

export function terminalTable(rows: readonly Ranked[]): string {
  const table = new Table({
    head: COLUMNS.map(({ head }) => head),
    colAligns: COLUMNS.map((column) => (isWords(column) ? 'left' : 'right')),
    colWidths: COLUMNS.map(({ width }) => width),
    wordWrap: true,
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => COLUMNS.map((column) => cells(column, row).join('\n'))));
  return table.toString();
}

export function markdownTable(rows: readonly Ranked[]): string {
  const line = (cellsOfLine: readonly string[]): string => `| ${cellsOfLine.join(' | ')} |`;
  return [
    line(COLUMNS.map(({ head }) => head)),
    line(COLUMNS.map((column) => (isWords(column) ? '---' : '--:'))),
    ...rows.map((row) => line(COLUMNS.map((column) => cells(column, row).join(', ')))),
  ].join('\n');
}

function cells({ value, bound }: Column, row: Ranked): string[] {
  return [value(row), bound?.(row) ?? ''].filter((text) => text !== '');
}

function atMost(bound: number | null, digits: number): string {
  return bound === null ? '' : `≤ ${number(bound, digits)}`;
}

function signed(minutes: number): string {
  return `${minutes < 0 ? '' : '+'}${number(minutes, 1)}`;
}

function seconds(ms: number | null): string {
  return ms === null ? number(null) : `${number(ms / 1_000, 1)} s`;
}
