/** What is drawn of each strategy, by what is asked: a column of bars each. */
import type { StruckBy } from '../../lib/simulation/results';
import type { Ranked } from './ranking';

export interface Panel {
  title: string;
  color: string;
  value: (row: Ranked) => number | null;
  /** Upper 95 % bound: a line from the end of the bar. */
  upper95: (row: Ranked) => number | null;
  digits: number;
}

/** Told apart by readers who do not see all colours, too (Okabe and Ito). */
const [BLUE, VERMILION, GREEN, PURPLE] = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'] as const;

const FALSE_FAILOVERS: Omit<Panel, 'color'> = {
  title: 'false failovers in 1,000 years',
  value: ({ figures }) => figures.falseFailoversPer1000Years,
  upper95: ({ figures }) => figures.falseFailoversPer1000YearsUpper95,
  digits: 1,
};

export const STRATEGY_PANELS: readonly Panel[] = [
  {
    title: 'minutes lost a VIP and year',
    color: BLUE,
    value: ({ figures }) => figures.minutesLostPerVipYear,
    upper95: ({ figures }) => figures.minutesLostPerVipYearUpper95,
    digits: 1,
  },
  {
    title: 'calls lost a VIP and year',
    color: VERMILION,
    value: ({ figures }) => figures.callsLostPerVipYear,
    upper95: ({ figures }) => figures.callsLostPerVipYearUpper95,
    digits: 0,
  },
  { ...FALSE_FAILOVERS, color: PURPLE, digits: 0 },
  { title: 'USD a VIP and month', color: GREEN, value: ({ usd }) => usd, upper95: () => null, digits: 0 },
];

export const DETECTION_PANELS: readonly Panel[] = [
  seconds('a freeze is found, median, s', BLUE, 'freeze', 'p50'),
  seconds('a freeze is found, p99, s', VERMILION, 'freeze', 'p99'),
  seconds('stuck SIP is found, median, s', GREEN, 'sip-stuck', 'p50'),
];

export const LOSS_PANELS: readonly Panel[] = [
  { ...FALSE_FAILOVERS, color: VERMILION },
  {
    title: 'pages a year',
    color: BLUE,
    value: ({ figures }) => figures.pagesPerYear,
    upper95: ({ figures }) => figures.pagesPerYearUpper95,
    digits: 2,
  },
];

function seconds(title: string, color: string, kind: StruckBy, of: 'p50' | 'p99'): Panel {
  return {
    title,
    color,
    value: ({ figures }) => {
      const ms = figures.byKind[kind]?.detectMs[of] ?? null;
      return ms === null ? null : ms / 1_000;
    },
    upper95: () => null,
    digits: 1,
  };
}
