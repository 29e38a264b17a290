/** What is told of each strategy, by what is asked. */
import type { KindFigures, Percentiles } from '../../lib/simulation/figures';
import type { StruckBy } from '../../lib/simulation/results';
import { number, percent } from '../simulate/summary';
import { DECIMALS, rankText } from './ranking';
import type { Column } from './table';

/** What a strategy is worth. */
export const STRATEGY_COLUMNS: readonly Column[] = [
  { head: 'rank', width: 6, value: (row) => rankText(row) ?? '' },
  { head: 'strategy', width: 18, value: ({ strategy }) => strategy.name, words: true },
  {
    head: 'availability',
    width: 14,
    value: ({ figures }) => percent(figures.availability),
    bound: ({ figures: { availabilityLower95: least } }) => (least === null ? '' : `≥ ${percent(least)}`),
  },
  minutesLost(),
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
  falseFailovers(),
  { head: 'served again, p99', width: 10, value: ({ figures }) => seconds(figures.recoverMs.p99) },
  {
    head: 'hours without standby / year',
    width: 11,
    value: ({ figures }) => number(figures.withoutStandbyHoursPerYear, 1),
    bound: ({ figures }) => atMost(figures.withoutStandbyHoursPerYearUpper95, 1),
  },
  { head: 'USD / VIP and month', width: 9, value: ({ usd }) => number(usd, DECIMALS.usd) },
];

const SETTING: Column = { head: 'setting', width: 24, value: ({ strategy }) => strategy.name, words: true };

/** How soon a silence is found, and how soon callers are served again. */
export const DETECTION_COLUMNS: readonly Column[] = [
  SETTING,
  timesOf('freeze', 'freezes'),
  ...durationsOf('freeze', 'freeze', 'detectMs', 'found'),
  ...durationsOf('freeze', 'freeze', 'recoverMs', 'served again'),
  timesOf('sip-stuck', 'SIP stuck'),
  ...durationsOf('sip-stuck', 'SIP stuck', 'detectMs', 'found'),
  falseFailovers(),
];

/** What is done, and whom it wakes, where nothing is wrong but loss. */
export const LOSS_COLUMNS: readonly Column[] = [
  SETTING,
  { head: 'years', width: 9, value: ({ figures }) => number(figures.clusterYears) },
  { head: 'failovers', width: 11, value: ({ figures }) => number(figures.failovers) },
  falseFailovers(),
  { head: 'pages', width: 9, value: ({ figures }) => number(figures.pages) },
  { ...minutesLost(), width: 14 },
];

function timesOf(kind: StruckBy, name: string): Column {
  return { head: name, width: 8, value: ({ figures }) => number(figures.byKind[kind]?.count ?? 0) };
}

function durationsOf(kind: StruckBy, name: string, what: keyof KindFigures & `${string}Ms`, done: string): Column[] {
  const column = (title: string, of: keyof Percentiles): Column => ({
    head: `${name}: ${done}, ${title}`,
    width: 11,
    value: ({ figures }) => seconds(figures.byKind[kind]?.[what][of] ?? null),
  });
  return [column('median', 'p50'), column('p99', 'p99')];
}

function falseFailovers(): Column {
  return {
    head: 'false failovers / 1,000 years',
    width: 13,
    value: ({ figures }) => number(figures.falseFailoversPer1000Years, DECIMALS.falseFailovers),
    bound: ({ figures }) => atMost(figures.falseFailoversPer1000YearsUpper95, DECIMALS.falseFailovers),
  };
}

function minutesLost(): Column {
  return {
    head: 'minutes lost / VIP and year',
    width: 12,
    value: ({ figures }) => number(figures.minutesLostPerVipYear, DECIMALS.minutesLost),
    bound: ({ figures }) => atMost(figures.minutesLostPerVipYearUpper95, DECIMALS.minutesLost),
  };
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
