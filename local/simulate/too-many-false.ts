/** Whether more failovers were false than whoever runs the years would have. Pure. */
import type { Figures } from '../../lib/simulation/figures';

/**
 * In words, or null. One of a holder that was well again a moment before is not counted: nobody could know yet.
 *
 * @param atMost left out: any number will do
 */
export function whyTooManyFalse(
  { falseFailovers, falseFailoversJustRecovered }: Pick<Figures, 'falseFailovers' | 'falseFailoversJustRecovered'>,
  atMost = Infinity,
): string | null {
  const count = falseFailovers - falseFailoversJustRecovered;
  return count <= atMost
    ? null
    : `${count} failovers of a holder that nothing ailed, and not only just: at most ${atMost} were to be`;
}
