/** What became of each mutant, in words, as a table, and whether the whole is well. Pure. */
import Table from 'cli-table3';
import type { Mutant } from './mutant';
import type { TestOutcome } from './run-tests';

export type Verdict = 'killed' | 'survived' | 'declared survivor' | 'declared, but killed' | 'no verdict';

export interface Result {
  id: string;
  rule: string;
  file: string;
  verdict: Verdict;
  /** The test that noticed; the reason of a survivor; why there is no verdict. */
  by: string;
  seconds: number;
}

export function resultOf(mutant: Mutant, outcome: TestOutcome, seconds: number): Result {
  const { id, rule, file } = mutant;
  return { id, rule, file, seconds, ...verdictOf(mutant, outcome) };
}

function verdictOf({ survives, tests }: Mutant, outcome: TestOutcome): Pick<Result, 'verdict' | 'by'> {
  switch (outcome.kind) {
    case 'failed':
      return { verdict: survives === undefined ? 'killed' : 'declared, but killed', by: outcome.test };
    case 'passed':
      if (survives !== undefined) return { verdict: 'declared survivor', by: survives };
      return { verdict: 'survived', by: `${outcome.tests} tests passed without it: ${tests.join(' ')}` };
    case 'broken':
      return { verdict: 'no verdict', by: outcome.why };
    case 'timed-out':
      return { verdict: 'no verdict', by: 'the tests did not end in time' };
    default:
      return outcome satisfies never;
  }
}

/** Every guard is missed by a test, or is declared as one that nothing can miss. */
export const isWell = (results: readonly Result[]): boolean =>
  results.every(({ verdict }) => verdict === 'killed' || verdict === 'declared survivor');

export function summary(results: readonly Result[]): string {
  const count = (verdict: Verdict): number => results.filter((each) => each.verdict === verdict).length;
  return (
    `${results.length} guards taken away: ${count('killed')} noticed, ${count('declared survivor')} declared as ` +
    `survivors, ${count('survived')} noticed by nothing, ${count('declared, but killed')} wrongly declared, ` +
    `${count('no verdict')} without a verdict`
  );
}

export function tableOf(results: readonly Result[]): string {
  const table = new Table({
    head: ['mutant', 'rule', 'verdict', 'by'],
    colWidths: [34, 44, 13, 60],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  table.push(...results.map(({ id, rule, verdict, by }) => [id, rule, verdict, by]));
  return table.toString();
}
