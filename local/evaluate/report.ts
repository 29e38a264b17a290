/** What an evaluation is written down as, with the conditions under which it holds. Pure. */
import type { Evaluation } from './evaluate';
import type { EvaluateOptions } from './options';
import { pictureOf } from './picture';
import type { Ranked } from './ranking';
import { SETS } from './sets';
import { markdownTable } from './table';

export function jsonOf(options: EvaluateOptions, { rows, lostYears }: Evaluation): object {
  const { set, seed, years, fromYear, loss, burst, faults, kinds } = options;
  return {
    set,
    seed,
    years,
    fromYear,
    under: { loss, burst, faults, kinds },
    lostYears,
    strategies: rows.map(({ rank, sharesRank, strategy, usd, moreMinutesLost, figures }) => ({
      rank,
      sharesRank,
      ...strategy,
      usdPerVipAndMonth: usd,
      moreMinutesLostThanYardstick: moreMinutesLost,
      figures,
    })),
  };
}

export function svgOf(options: EvaluateOptions, rows: readonly Ranked[]): string {
  return pictureOf(SETS[options.set].panels, rows, `${conditionsOf(options)}; lines end at the upper 95 % bound`);
}

/** For a page in docs/, beside which the picture lies. */
export function markdownOf(options: EvaluateOptions, rows: readonly Ranked[]): string {
  const { columns, picture } = SETS[options.set];
  return [`Each over ${conditionsOf(options)}.`, markdownTable(columns, rows), `![The table as bars](${picture})`].join(
    '\n\n',
  );
}

function conditionsOf({ years, fromYear, seed, loss, burst, faults, kinds }: EvaluateOptions): string {
  const percent = Number((loss * 100).toFixed(4));
  const lost = `${percent} % of probes lost in bursts of ${burst} ms`;
  const only = kinds === undefined ? '' : `, of ${kinds.join(', ')} alone`;
  return `${years} years from year ${fromYear} of seed ${seed}, ${lost}, faults × ${faults}${only}`;
}
