/** The figures for a reader at a terminal. Pure. */
import Table from 'cli-table3';
import { STRUCK_BY } from '../../lib/simulation/results';
import type { Figures, Percentiles } from '../../lib/simulation/figures';

const UNKNOWN = 'n/a';

export function summaryOf(figures: Figures): string {
  return `${overview(figures)}\n${kinds(figures)}`;
}

function overview(figures: Figures): string {
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ['simulated', `${number(figures.clusterYears, 2)} cluster-years, seed ${figures.seed}`],
    ['violations', number(figures.violations)],
    ['availability', `${percent(figures.availability)}, at least ${percent(figures.availabilityLower95)} (95 %)`],
    [
      'lost a VIP and year',
      `${bounded(figures.minutesLostPerVipYear, figures.minutesLostPerVipYearUpper95, 2, 'min')}, ` +
        `${bounded(figures.callsLostPerVipYear, figures.callsLostPerVipYearUpper95, 1, 'calls')}`,
    ],
    [
      'by name, a VIP and year',
      `${bounded(figures.nameMinutesLostPerVipYear, figures.nameMinutesLostPerVipYearUpper95, 2, 'min lost')}`,
    ],
    [
      'full a VIP and year',
      `${bounded(figures.fullMinutesPerVipYear, figures.fullMinutesPerVipYearUpper95, 2, 'min in which no new call was taken')}`,
    ],
    ['calls', `${number(figures.callsLost)} of ${number(figures.callsBefore)} lost`],
    [
      'failovers',
      `${number(figures.failovers)}, ${bounded(figures.failoversPerYear, figures.failoversPerYearUpper95, 2, 'a year')}`,
    ],
    [
      'false failovers',
      `${number(figures.falseFailovers)}, ${number(figures.falseFailoversJustRecovered)} of them of a holder that had just recovered; in 1,000 years at most ` +
        `${number(figures.falseFailoversPer1000YearsUpper95, 2)} (95 %)`,
    ],
    [
      'reinstatements',
      `${number(figures.reinstatements)}, ${bounded(figures.reinstatementsPerYear, figures.reinstatementsPerYearUpper95, 2, 'a year')}`,
    ],
    [
      'without a standby',
      `${bounded(figures.withoutStandbyHoursPerYear, figures.withoutStandbyHoursPerYearUpper95, 1, 'h a year')}`,
    ],
    ['pages', `${number(figures.pages)}, ${bounded(figures.pagesPerYear, figures.pagesPerYearUpper95, 1, 'a year')}`],
    ['edges', edges(figures)],
    ['processor', `${number(figures.cpuSecondsPerYear, 1)} s a year`],
  );
  return table.toString();
}

function edges({ edges: taken, edgesMissed }: Figures): string {
  const of = `${taken.length} of the state machines' ${taken.length + edgesMissed.length} were taken`;
  return edgesMissed.length === 0 ? of : [`${of}; not`, ...edgesMissed.map((id) => `  ${id}`)].join('\n');
}

function kinds({ byKind, detectMs, recoverMs }: Figures): string {
  const table = new Table({
    head: ['struck by', 'times', 'recovered', 'detected', 'p99', 'served again', 'p99'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const kind of STRUCK_BY) {
    const found = byKind[kind];
    if (found === undefined) continue;
    table.push([kind, found.count, found.recovered, ...both(found.detectMs), ...both(found.recoverMs)]);
  }
  table.push(['all', '', '', ...both(detectMs), ...both(recoverMs)]);
  return table.toString();
}

function both({ p50, p99 }: Percentiles): string[] {
  return [seconds(p50), seconds(p99)];
}

function seconds(ms: number | null): string {
  return ms === null ? UNKNOWN : `${number(ms / 1_000, 2)} s`;
}

/** Rounded down, so that whatever was lost is seen: the last digit is three seconds a year. */
export function percent(share: number | null): string {
  const ROUNDING = 1e-6;
  return share === null ? UNKNOWN : `${(Math.floor(share * 1e7 + ROUNDING) / 1e5).toFixed(5)} %`;
}

/** With its one-sided bound, where there is one. */
function bounded(value: number | null, upper95: number | null, digits: number, unit: string): string {
  const bound = upper95 === null ? '' : `, at most ${number(upper95, digits)} (95 %)`;
  return `${number(value, digits)} ${unit}${bound}`;
}

export function number(value: number | null, digits = 0): string {
  if (value === null) return UNKNOWN;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
