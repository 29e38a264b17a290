/** What an evaluation is written down as, with the conditions under which it holds. Pure. */
import type { Evaluation } from './evaluate';
import type { EvaluateOptions } from './options';
import { pictureOf } from './picture';
import type { Ranked } from './ranking';
import { markdownTable } from './table';

export function jsonOf(options: EvaluateOptions, { rows, lostYears }: Evaluation): object {
  const { seed, years, fromYear, loss, burst, faults } = options;
  return {
    seed,
    years,
    fromYear,
    under: { loss, burst, faults },
    lostYears,
    strategies: rows.map(({ rank, strategy, usd, moreMinutesLost, figures }) => ({
      rank,
      ...strategy,
      usdPerVipAndMonth: usd,
      moreMinutesLostThanYardstick: moreMinutesLost,
      figures,
    })),
  };
}

export function svgOf(options: EvaluateOptions, rows: readonly Ranked[]): string {
  return pictureOf(rows, `${conditionsOf(options)}; lines end at the upper 95 % bound`);
}

/** For docs/strategies.md, beside which the picture lies. */
export function markdownOf(options: EvaluateOptions, rows: readonly Ranked[]): string {
  return [
    `Each strategy over ${conditionsOf(options)}.`,
    markdownTable(rows),
    '![The table as bars](strategies.svg)',
  ].join('\n\n');
}

function conditionsOf({ years, fromYear, seed, loss, burst, faults }: EvaluateOptions): string {
  const percent = Number((loss * 100).toFixed(4));
  const lost = `${percent} % of probes lost in bursts of ${burst} ms`;
  return `${years} years from year ${fromYear} of seed ${seed}, ${lost}, faults × ${faults}`;
}
