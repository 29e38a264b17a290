/** The figures of a run inside a page that people write. Pure. */
import { UnderstudyError } from '../../lib/domain/errors';
import type { SetName } from './sets';

/** The page has lost its markers: what lies between them cannot be replaced. */
export class NoPlaceForFigures extends UnderstudyError {
  override readonly name = 'NoPlaceForFigures';
}

/** What stands before and behind the figures of a set. */
export const beginOf = (set: SetName): string => `<!-- figures: npm run evaluate -- --set ${set} -->`;
const ANY = '<!-- figures: npm run evaluate';
export const END = '<!-- end of the figures -->';

/**
 * The page with `figures` in place of what stood between the markers.
 *
 * @throws NoPlaceForFigures where a marker is missing
 */
export function withFigures(page: string, set: SetName, figures: string): string {
  const mark = beginOf(set);
  const begin = page.indexOf(mark);
  const end = page.indexOf(END, Math.max(begin, 0));
  const next = page.indexOf(ANY, begin + 1);
  if (begin < 0 || end < 0 || (next >= 0 && next < end))
    throw new NoPlaceForFigures(`the page needs "${mark}" and, below it, "${END}"`);
  return `${page.slice(0, begin)}${mark}\n\n${figures.trim()}\n\n${page.slice(end)}`;
}
