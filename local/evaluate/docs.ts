/** The figures of a run inside a page that people write. Pure. */
import { UnderstudyError } from '../../lib/domain/errors';

/** The page has lost its markers: what lies between them cannot be replaced. */
export class NoPlaceForFigures extends UnderstudyError {
  override readonly name = 'NoPlaceForFigures';
}

export const BEGIN = '<!-- figures: npm run evaluate -->';
export const END = '<!-- end of the figures -->';

/**
 * The page with `figures` in place of what stood between the markers.
 *
 * @throws NoPlaceForFigures where a marker is missing
 */
export function withFigures(page: string, figures: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new NoPlaceForFigures(`the page needs "${BEGIN}" and, below it, "${END}"`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${figures.trim()}\n\n${page.slice(end)}`;
}
