/** Hints for keys that the schema does not know: a typing mistake, or a key that belongs elsewhere. */
import type { Path } from './draft';
import { keyPaths } from './json-schema';

let known: { path: string; description: string }[] | undefined;

/** Generated once, and only for a file that has mistakes. */
function knownKeys(): { path: string; description: string }[] {
  known ??= keyPaths().map(({ path, schema }) => ({ path, description: schema.description ?? '' }));
  return known;
}

const lastKey = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('.'), 0));

/** The path as `keyPaths` writes it: positions become `[]`, and a key of the user's choice becomes `<name>`. */
function asKeyPath(path: Path): string {
  let at = '';
  for (const part of path) {
    if (typeof part === 'number') at += '[]';
    else {
      const exact = at === '' ? part : `${at}.${part}`;
      at = knownKeys().some((key) => key.path === exact) ? exact : `${at}.<name>`;
    }
  }
  return at;
}

/** What the schema says about a place, for the message that something is missing there. */
export function descriptionOf(path: Path): string {
  const wanted = asKeyPath(path);
  return knownKeys().find((key) => key.path === wanted)?.description ?? '';
}

/** What to say about a key that is not known where it stands. */
export function unknownKeyMessage(path: Path): string {
  const key = String(path.at(-1));
  const parent = asKeyPath(path.slice(0, -1));
  const siblings = knownKeys().filter((candidate) => parentOf(candidate.path) === parent);
  const close = closest(
    key,
    siblings.map((sibling) => lastKey(sibling.path)),
  );
  if (close !== null) return `is not a key here: did you mean \`${close}\`?`;
  const elsewhere = knownKeys().find((candidate) => lastKey(candidate.path) === key);
  if (elsewhere !== undefined) return `is not a key here: it belongs at ${elsewhere.path}`;
  const names = siblings.map((sibling) => lastKey(sibling.path)).join(', ');
  return `is not a key here: remove it${names === '' ? '' : ` (known here: ${names})`}`;
}

/** The candidate that a slip of the fingers would turn into `word`; null when none is close. */
export function closest(word: string, candidates: readonly string[]): string | null {
  const allowed = Math.min(3, Math.ceil(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase(), allowed) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate ?? null;
}

/** Levenshtein's distance; anything above `limit` may come back as any number above it. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
