/** `npm run mutate -- [--only id...] [--jobs n] [--json file]`: takes each guard away in turn, and says what noticed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { atLeastOne } from '../simulate/arguments';
import type { Mutant } from './mutant';
import { MUTANTS } from './mutants';
import { isWell, resultOf, summary, tableOf, type Result } from './report';
import { runTests } from './run-tests';
import { copyTree, withMutant } from './tree';

interface Options {
  only?: string[];
  jobs: number;
  deadline: number;
  json?: string;
}

const ROOT = resolve(__dirname, '../..');

/** All that is chosen runs unmutated at once, and files are compiled for the first time. */
const FIRST_RUN_DEADLINES = 5;

const program = new Command('mutate')
  .description('Removes one safety rule or condition clause at a time, and runs the tests that should notice.')
  .option('--only <id...>', 'these mutants alone')
  .option('--jobs <n>', 'trees at once', atLeastOne, availableParallelism())
  .option('--deadline <s>', 'seconds for the tests of one mutant', atLeastOne, 120)
  .option('--json <file>', 'write the results there');

program.action(async (options: Options) => {
  const results = await mutate(chosen(options.only), options);
  say(`${tableOf(results)}\n${summary(results)}`);
  if (options.json !== undefined) {
    mkdirSync(dirname(options.json), { recursive: true });
    writeFileSync(options.json, `${JSON.stringify({ summary: summary(results), results }, null, 2)}\n`);
  }
  process.exitCode = isWell(results) ? 0 : 1;
});

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

function chosen(only: readonly string[] | undefined): readonly Mutant[] {
  if (only === undefined) return MUTANTS;
  const unknown = only.filter((id) => !MUTANTS.some((mutant) => mutant.id === id));
  if (unknown.length > 0) throw new Error(`no such mutant: ${unknown.join(', ')}`);
  return MUTANTS.filter(({ id }) => only.includes(id));
}

async function mutate(mutants: readonly Mutant[], { jobs, deadline }: Options): Promise<Result[]> {
  const trees = Array.from({ length: Math.min(jobs, mutants.length) }, (_, index) =>
    join(ROOT, '.understudy', 'mutate', `tree-${index}`),
  );
  for (const tree of trees) copyTree(ROOT, tree);
  await passUnmutated(trees, mutants, deadline * 1000 * FIRST_RUN_DEADLINES);
  const waiting = [...mutants.entries()];
  const results: Result[] = [];
  await Promise.all(
    trees.map(async (tree) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, mutant] = next;
        const result = await tryOne(tree, mutant, deadline * 1000);
        results[index] = result;
        const done = mutants.length - waiting.length;
        say(`${done}/${mutants.length} ${result.verdict}: ${mutant.id} (${result.seconds} s) ${result.by}`);
      }
    }),
  );
  return results;
}

/** A test that fails anyway would kill every mutant. */
async function passUnmutated(trees: readonly string[], mutants: readonly Mutant[], deadlineMs: number): Promise<void> {
  const [first] = trees;
  if (first === undefined) return;
  const patterns = [...new Set(mutants.flatMap(({ tests }) => tests))];
  const outcome = await runTests(first, patterns, deadlineMs);
  if (outcome.kind !== 'passed') {
    throw new Error(`the tests do not pass as they are, so that they can tell nothing: ${JSON.stringify(outcome)}`);
  }
  say(`${outcome.tests} tests pass as they are; ${mutants.length} guards are taken away in turn`);
}

async function tryOne(tree: string, mutant: Mutant, deadlineMs: number): Promise<Result> {
  const startedMs = performance.now();
  const outcome = await withMutant(tree, mutant, () => runTests(tree, mutant.tests, deadlineMs));
  return resultOf(mutant, outcome, Math.round((performance.now() - startedMs) / 100) / 10);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
