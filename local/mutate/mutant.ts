/** One deliberate break of a guard: where it is, how it is taken away, and which tests should notice. Pure. */

export interface Mutant {
  id: string;
  /** The rule that is taken away, in words. */
  rule: string;
  /** Relative to the root of the repository. */
  file: string;
  /** Stands exactly once in the file. */
  find: string;
  replace: string;
  /** Jest path patterns. */
  tests: readonly string[];
  /** Why nothing can notice it; left out where something must. */
  survives?: string;
}

/** Many mutants of one file that the same tests should notice. */
export function mutantsOf(
  file: string,
  tests: readonly string[],
  mutants: readonly (Pick<Mutant, 'id' | 'rule' | 'find' | 'replace' | 'survives'> & { tests?: readonly string[] })[],
): Mutant[] {
  return mutants.map((mutant) => ({ file, tests, ...mutant }));
}

/**
 * The text of the file without the guard.
 * @throws Error that names the mutant when what it looks for does not stand there exactly once
 */
export function mutated({ id, file, find, replace }: Mutant, source: string): string {
  const times = source.split(find).length - 1;
  if (times !== 1) {
    throw new Error(`mutant ${id}: its text stands ${times} times in ${file}, not once; correct it in local/mutate`);
  }
  // A function, because `$` means something in a replacement that is a string.
  return source.replace(find, () => replace);
}
