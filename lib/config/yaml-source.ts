/** YAML text to plain data, with the line of every place. Knows nothing of what the data means. */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';
import type { Path } from './draft';

/** A configuration of twenty clusters has some 40 KB. Beyond this it is another file, and parsing costs. */
export const MAX_BYTES = 131_072;

/** Anchors may be reused this often. A handful is normal; a file that unfolds into millions of values is not. */
const MAX_ALIASES = 100;

const TOO_DEEP = 'is nested too deeply to be read: this cannot be an understudy.yaml';

export interface YamlProblem {
  line: number | null;
  message: string;
}

export type YamlSource =
  { ok: true; data: unknown; lineOf: (path: Path) => number | null } | { ok: false; problems: YamlProblem[] };

/** Reads one YAML document. Never throws: text that is no YAML comes back as problems. */
export function readYaml(text: string): YamlSource {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return failed(null, `is larger than ${MAX_BYTES / 1024} KB: this cannot be an understudy.yaml`);
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const complaints = [...document.errors, ...document.warnings];
    if (complaints.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return failed(null, TOO_DEEP);
    const problems = [...complaints.map((error) => inPlainWords(error, lines)), ...aliasProblems(document, lines)];
    if (problems.length > 0) return { ok: false, problems: onePerLine(problems) };
    const root: Node | null = document.contents;
    if (root === null || (isScalar(root) && root.value === null)) {
      return failed(null, 'is empty: start from examples/primary-standby.yaml');
    }
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { ok: true, data, lineOf: (path) => lineOf(document, lines, path) };
  } catch (error) {
    return failed(null, whyUnreadable(error));
  }
}

const failed = (line: number | null, message: string): YamlSource => ({ ok: false, problems: [{ line, message }] });

/** One slip makes the parser stumble several times over: the first complaint of a line is the one that helps. */
function onePerLine(problems: YamlProblem[]): YamlProblem[] {
  const byLine = new Map<number | null, YamlProblem>();
  for (const problem of problems) if (!byLine.has(problem.line)) byLine.set(problem.line, problem);
  return [...byLine.values()];
}

/** Resolving an alias walks the document, so there is an end to how many are looked at. */
function aliasProblems(document: Document, lines: LineCounter): YamlProblem[] {
  const problems: YamlProblem[] = [];
  let count = 0;
  visit(document, {
    Alias: (_key, alias) => {
      const line = lines.linePos(offsetOf(alias) ?? 0).line;
      count += 1;
      if (count > MAX_ALIASES) {
        problems.push({ line, message: `has more than ${MAX_ALIASES} aliases: write the values out` });
        return visit.BREAK;
      }
      if (alias.resolve(document) === undefined) {
        problems.push({ line, message: `*${alias.source} stands for nothing: no &${alias.source} comes before it` });
      }
      return undefined;
    },
  });
  return problems;
}

function inPlainWords(error: YAMLError, lines: LineCounter): YamlProblem {
  const line = lines.linePos(error.pos[0]).line;
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return { line, message: 'this key stands here for the second time: keep one of the two' };
    case 'MULTIPLE_DOCS':
      return { line, message: 'a second document begins here: put all clusters into one list' };
    case 'TAG_RESOLVE_FAILED':
      return { line, message: 'tags (!something) are not understood here: write the plain value' };
    case 'TAB_AS_INDENT':
      return { line, message: 'a tab cannot indent YAML: use spaces' };
    default:
      return { line, message: `is not valid YAML: ${error.message.split('\n')[0] ?? error.code}` };
  }
}

/** The parser recurses and unfolds aliases: both end in exceptions when the text is hostile. */
function whyUnreadable(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP;
  if (error instanceof ReferenceError) {
    return `has anchors that unfold into too many values, or into themselves: write them out (at most ${MAX_ALIASES})`;
  }
  return `cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}`;
}

/** The line of the place, or of the nearest place around it when it is not there (a missing key). */
function lineOf(document: Document, lines: LineCounter, path: Path): number | null {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
      if (pair === undefined) break;
      offset = offsetOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
      node = node.items[part];
      offset = offsetOf(node) ?? offset;
    } else break;
  }
  return offset === null ? null : lines.linePos(offset).line;
}

function offsetOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
