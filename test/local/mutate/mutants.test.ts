import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mutated, type Mutant } from '../../../local/mutate/mutant';
import { MUTANTS } from '../../../local/mutate/mutants';
import { isWell, resultOf } from '../../../local/mutate/report';
import { outcomeOf, type TestOutcome } from '../../../local/mutate/run-tests';

const ROOT = resolve(__dirname, '../../..');

const TEST_FILES = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file));

describe('the table of mutants', () => {
  it('has each id once', () => {
    const ids = MUTANTS.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it.each(MUTANTS.map((mutant) => [mutant.id, mutant] as const))('%s breaks the file as it is today', (_id, mutant) => {
    const source = readFileSync(join(ROOT, mutant.file), 'utf8');
    expect(mutated(mutant, source)).not.toBe(source);
  });

  it('asks for tests that there are', () => {
    const patterns = [...new Set(MUTANTS.flatMap(({ tests }) => tests))];
    expect(patterns.filter((pattern) => !TEST_FILES.some((file) => file.includes(pattern)))).toEqual([]);
  });

  it('has a mutant for every clause of the decision, in memory and on DynamoDB', () => {
    const ids = MUTANTS.map(({ id }) => id);
    const source = readFileSync(join(ROOT, 'lib/aws/store/decision-clauses.ts'), 'utf8');
    const clauses = [...source.matchAll(/name: '([a-z-]+)'/g)].map(([, clause]) => clause);
    expect(clauses).toHaveLength(10);
    expect(clauses.filter((clause) => !ids.includes(`memory-${clause}`))).toEqual([]);
    expect(clauses.filter((clause) => !ids.some((id) => id.endsWith(`asks-${clause}`)))).toEqual([]);
  });
});

describe('a mutant whose text is not there exactly once', () => {
  const mutant: Mutant = { id: 'x', rule: 'a rule', file: 'lib/a.ts', find: 'guard();', replace: '', tests: [] };

  it.each(['', 'guard(); guard();'])('is refused by its name: %p', (source) => {
    expect(() => mutated(mutant, source)).toThrow(/mutant x: .* lib\/a\.ts/);
  });

  it('is replaced to the letter otherwise', () => {
    expect(mutated({ ...mutant, replace: '$&' }, 'a guard(); b')).toBe('a $& b');
  });
});

describe('what became of a mutant', () => {
  const mutant: Mutant = { id: 'x', rule: 'a rule', file: 'lib/a.ts', find: 'a', replace: 'b', tests: ['test/a'] };
  const declared: Mutant = { ...mutant, survives: 'two guards say the same' };
  const failed: TestOutcome = { kind: 'failed', test: 'a guard is there' };
  const passed: TestOutcome = { kind: 'passed', tests: 3 };

  it.each<[typeof mutant, TestOutcome, string, boolean]>([
    [mutant, failed, 'killed', true],
    [mutant, passed, 'survived', false],
    [declared, passed, 'declared survivor', true],
    [declared, failed, 'declared, but killed', false],
    [mutant, { kind: 'broken', why: 'a syntax error' }, 'no verdict', false],
    [mutant, { kind: 'timed-out' }, 'no verdict', false],
  ])(
    '%#: is well only where a test noticed, or where it is declared that none can',
    (which, outcome, verdict, well) => {
      const result = resultOf(which, outcome, 1);
      expect(result.verdict).toBe(verdict);
      expect(isWell([result])).toBe(well);
    },
  );
});

describe('a run of the tests', () => {
  it('that could not load a file, or ran nothing, tells nothing', () => {
    expect(outcomeOf(1, 'FAIL a.test.ts\n  ● Test suite failed to run\n').kind).toBe('broken');
    expect(outcomeOf(1, 'No tests found, exiting with code 1\n').kind).toBe('broken');
  });

  it('names the test that failed first', () => {
    const output = 'FAIL a.test.ts\n  ● a guard › is there\n\n  ● a guard › is here\n';
    expect(outcomeOf(1, output)).toEqual({ kind: 'failed', test: 'a guard › is there' });
  });

  it('counts what passed', () => {
    expect(outcomeOf(0, 'Tests:       12 passed, 12 total\n')).toEqual({ kind: 'passed', tests: 12 });
  });
});
