/** Checks the form of a file against the schema and says what is wrong in our own words, not zod's. */
import type { z } from 'zod';
import { draftOf, type ConfigDraft, type Path } from './draft';
import { refuse, type Finding } from './finding';
import { descriptionOf, unknownKeyMessage } from './key-hints';
import { writtenConfig, type WrittenConfig } from './schema';

type Issue = z.core.$ZodIssue;

export interface FormCheck {
  /** The file as it was written; null when it has a mistake of form. */
  written: WrittenConfig | null;
  /** What could be understood of it, for the rules. */
  draft: ConfigDraft;
  findings: Finding[];
}

export function checkForm(data: unknown): FormCheck {
  const result = writtenConfig.safeParse(data);
  if (result.success) return { written: result.data, draft: result.data, findings: [] };
  const issues = result.error.issues;
  return {
    written: null,
    draft: draftOf(data, issues.flatMap(refusedPlaces)),
    findings: issues.flatMap((issue) => explain(issue, data)),
  };
}

const pathOf = (issue: { path: PropertyKey[] }): Path =>
  issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));

/**
 * Where the data differs from the schema. A broken promise between keys (`custom`) leaves the keys themselves sound, and
 * so does a list that is too short. (One that is too long may be hostile: the rules need not read it.)
 */
function refusedPlaces(issue: Issue): Path[] {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...path, key]);
  const soundWithin = issue.code === 'custom' || (issue.code === 'too_small' && issue.origin === 'array');
  return soundWithin ? [] : [path];
}

function explain(issue: Issue, data: unknown, above: Path = []): Finding[] {
  const path = [...above, ...pathOf(issue)];
  const value = valueAt(data, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => refuse([...path, key], unknownKeyMessage([...path, key])));
    case 'invalid_type':
      return [refuse(path, wrongType(issue.expected, value, path))];
    case 'invalid_value':
      if (value === undefined || value === null) return [refuse(path, absent(value, path))];
      return [refuse(path, mustBe(`one of ${issue.values.map(String).join(', ')}${inQuotes(value)}`, value))];
    case 'invalid_format':
      return [refuse(path, mustBe(issue.message, value))];
    case 'too_small':
      return [refuse(path, mustBe(`at least ${amount(issue.minimum, issue.origin)}`, value))];
    case 'too_big':
      return [refuse(path, mustBe(`at most ${amount(issue.maximum, issue.origin)}`, value))];
    case 'invalid_union':
      return explainUnion(issue, data, path);
    case 'invalid_key':
      return issue.issues.map((inner) => refuse(path, `as a key must be ${inner.message}`));
    case 'custom':
      return [refuse(path, issue.message)];
    default:
      return [refuse(path, issue.message)];
  }
}

/** The branch that the user meant is the one whose mistakes lie inside the value; without one, all are named. */
function explainUnion(issue: Extract<Issue, { code: 'invalid_union' }>, data: unknown, path: Path): Finding[] {
  const meant = issue.errors.find((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  );
  if (meant !== undefined) return meant.flatMap((inner) => explain(inner, data, path));
  const value = valueAt(data, path);
  const message = value === undefined || value === null ? absent(value, path) : mustBe(issue.message, value);
  return [refuse(path, message)];
}

function wrongType(expected: string, value: unknown, path: Path): string {
  if (value === undefined || value === null) return absent(value, path);
  return mustBe(EXPECTED[expected] ?? expected, value);
}

/** `key:` with nothing behind it is null in YAML. */
function absent(value: undefined | null, path: Path): string {
  const wrong = value === null ? 'is empty: fill it in, or remove the key if it may be left out.' : 'is missing.';
  return `${wrong} ${descriptionOf(path)}`.trim();
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text (in quotes if it is all digits)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list (each item on a line of its own, after a hyphen)',
  object: 'a group of keys',
  record: 'a group of keys',
};

function amount(limit: number | bigint, origin: string): string {
  if (origin === 'array') return `${limit} ${Number(limit) === 1 ? 'item' : 'items'}`;
  if (origin === 'string') return `${limit} ${Number(limit) === 1 ? 'character' : 'characters'}`;
  return String(limit);
}

/** YAML reads 1.10 as the number 1.1. */
const inQuotes = (value: unknown): string => (typeof value === 'number' ? ', in quotes' : '');

const mustBe = (right: string, value: unknown): string => `must be ${right}; here is ${show(value)}`;

/** A value in a few words. Long text is cut: it may be anything, pasted by mistake. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  switch (typeof value) {
    case 'string':
      return value.length > 60 ? JSON.stringify(`${value.slice(0, 57)}…`) : JSON.stringify(value);
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return 'a group of keys'; // YAML has nothing else
  }
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
