/** Mistakes and warnings as a person reads them in a terminal. */

/** A mistake or a warning with its place in the file. */
export interface Problem {
  /** For example `clusters[0].nodes[1].zone`. */
  path: string;
  line: number | null;
  message: string;
}

/** Enough to fix a file with; beyond it one mistake has usually made all the others. */
const MAX_SHOWN = 50;

/**
 * A heading and two lines a problem, no newline at the end:
 *
 *     understudy.yaml has 1 mistake:
 *
 *       line 12  clusters[0].nodes[1].zone
 *                us-west-2a is not a zone of us-east-1: …
 */
export function formatProblems(fileName: string, problems: readonly Problem[], noun = 'mistake'): string {
  const heading = `${fileName} has ${problems.length} ${noun}${problems.length === 1 ? '' : 's'}:`;
  const shown = problems.slice(0, MAX_SHOWN);
  const places = shown.map(({ line }) => (line === null ? '' : `line ${line}`));
  const width = Math.max(0, ...places.map((place) => place.length));
  const margin = ' '.repeat(width === 0 ? 2 : width + 4);
  const blocks = shown.map(({ path, message }, index) => {
    const place = width === 0 ? '' : `${(places[index] ?? '').padEnd(width)}  `;
    return `  ${place}${path}\n${margin}${message}`;
  });
  const rest = problems.length - shown.length;
  return [heading, ...blocks, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n\n');
}
