/** The stages of `npm test`, in the order in which they run: cheap ones first. */
import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describeError } from '../../lib/domain/errors';
import { runNode } from './command';
import { failed, fromJest, passed, sum, type JestReport, type Outcome } from './outcome';
import { lintAssemblies } from './templates';

export interface Stage {
  /** What `--only` names it by. */
  id: string;
  title: string;
  /** Runs beside the one before it: each of the two keeps one core busy. */
  beside?: true;
  run(root: string): Promise<Outcome>;
}

const MINUTE_MS = 60_000;

const FUZZ_EXCHANGES = 100_000;

/** The same years in every run, so that a change that breaks one is found by whoever makes it; and one that nobody ran. */
const FIXED_YEARS = 2;
const FIXED_SEED = 2026;
/**
 * Where addresses do not move, VIPs share a standby, move together and go home by themselves, choose among four nodes,
 * or have no database: other rules bind there.
 */
const OTHER_CLUSTERS = [
  ['--shape', 'private'],
  ['--shape', 'n+1'],
  ['--shape', 'grouped', '--policy', 'failback=automatic'],
  ['--shape', 'active'],
  ['--shape', 'bare'],
] as const;
const OTHER_YEARS = 0.25;
/** Those that judge otherwise: slower, and a crash is no failover; faster, and each node stands in for the other. */
const OTHER_JUDGEMENTS = [
  ['--preset', 'conservative', '--policy', 'crashAction=restart-in-place'],
  ['--preset', 'aggressive', '--shape', 'shared'],
] as const;
const JUDGEMENT_YEARS = 0.5;
const FRESH_YEARS = 0.25;
/** Of the cases in which an end of the failover function meets a fault, of which the whole exploration has but some. */
const FRESH_CASES = 1_000;
/** Without a fault a failover is false, whatever else it is. */
const LOSS_ALONE = ['--faults', '0'] as const;
const LOSS_YEARS = 10;

export const STAGES: readonly Stage[] = [
  { id: 'types', title: 'Type-check', run: tool('typescript/bin/tsc', ['-p', '.']) },
  { id: 'format', title: 'Format', run: tool('prettier/bin/prettier.cjs', ['--check', '.', '--log-level', 'warn']) },
  {
    id: 'lint',
    title: 'Lint, with the direction of imports',
    run: tool('eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
  },
  { id: 'fuzz', title: `Fuzz of ESL and SIP, ${FUZZ_EXCHANGES} exchanges`, beside: true, run: fuzz },
  { id: 'unit', title: 'Unit and property tests', run: jest('jest.config.js', 20 * MINUTE_MS) },
  {
    id: 'simulate',
    title: `Simulation: every state, fault and crash, and ${FRESH_CASES} cases of all at once; ${FIXED_YEARS} years of a pair, ${OTHER_YEARS} each of other clusters, ${JUDGEMENT_YEARS} each of other judgements, ${LOSS_YEARS} of loss alone, and ${FRESH_YEARS} that nobody has seen`,
    run: simulate,
  },
  { id: 'synth', title: 'Synthesis with cdk-nag', run: synthesise },
  { id: 'cfn-lint', title: 'cfn-lint of the templates', run: (root) => lintAssemblies(root, synthFolder(root)) },
  { id: 'e2e', title: 'End to end, on the local AWS', run: jest('jest.e2e.config.js', 45 * MINUTE_MS) },
];

/** Those that run at the same time, in the order of their beginning. */
export function grouped(stages: readonly Stage[]): Stage[][] {
  const groups: Stage[][] = [];
  for (const stage of stages) {
    const last = groups.at(-1);
    if (stage.beside === true && last !== undefined) last.push(stage);
    else groups.push([stage]);
  }
  return groups;
}

const scratch = (root: string): string => join(root, '.understudy', 'test-runner');
const synthFolder = (root: string): string => join(scratch(root), 'synth');
const modulePath = (root: string, path: string): string => join(root, 'node_modules', path);

/** A program of which only the exit code counts; its output is shown when it fails. */
function tool(path: string, args: string[]): Stage['run'] {
  return async (root) => {
    const options = { cwd: root, timeoutMs: 10 * MINUTE_MS, show: false };
    const result = await runNode([modulePath(root, path), ...args], options);
    if (result.exitCode === 0) return passed();
    process.stdout.write(`${result.output}\n`);
    return failed(result.timedOut ? `${path} did not end in time` : `${path} found mistakes, see above`);
  };
}

/** From a seed of its own at each run; the program prints it, and a failure can be replayed from it. */
async function fuzz(root: string): Promise<Outcome> {
  const args = ['--import', 'tsx', join(root, 'local/fuzz/fuzz.ts'), '--exchanges', String(FUZZ_EXCHANGES)];
  const result = await runNode(args, { cwd: root, timeoutMs: 15 * MINUTE_MS, show: true });
  if (result.exitCode === 0) return passed();
  return failed(result.timedOut ? 'the fuzz did not end in time' : 'the fuzz found something, see above');
}

/** Each part is one test. A failure prints its seed, and the command that runs it again. */
async function simulate(root: string): Promise<Outcome> {
  // Years that nobody has seen may hold a false failover of the few that are known and open.
  const known = (years: number, ...what: readonly string[]): [string, string[]] => [
    'main',
    ['--years', String(years), '--seed', String(FIXED_SEED), '--max-false', '0', ...what],
  ];
  const parts: [string, string[]][] = [
    ['explore', []],
    ['explore', ['--thorough', '--shifted', '--cases', String(FRESH_CASES), '--seed', String(randomInt(2 ** 31))]],
    known(FIXED_YEARS),
    ...OTHER_CLUSTERS.map((cluster) => known(OTHER_YEARS, ...cluster)),
    ...OTHER_JUDGEMENTS.map((cluster) => known(JUDGEMENT_YEARS, ...cluster)),
    known(LOSS_YEARS, ...LOSS_ALONE),
    ['main', ['--years', String(FRESH_YEARS)]],
  ];
  const outcomes: Outcome[] = [];
  for (const [program, args] of parts) {
    const command = ['--import', 'tsx', join(root, `local/simulate/${program}.ts`), ...args];
    const result = await runNode(command, { cwd: root, timeoutMs: 30 * MINUTE_MS, show: true });
    const what = `local/simulate/${program} ${args.join(' ')}`;
    if (result.exitCode === 0) outcomes.push(passed());
    else outcomes.push(failed(result.timedOut ? `${what} did not end in time` : `${what}: see above`));
  }
  return sum(outcomes);
}

function jest(config: string, timeoutMs: number): Stage['run'] {
  return async (root) => {
    const report = join(scratch(root), `${config}.json`);
    rmSync(report, { force: true });
    mkdirSync(scratch(root), { recursive: true });
    const args = ['--config', config, '--ci', '--json', `--outputFile=${report}`];
    const result = await runNode([modulePath(root, 'jest/bin/jest.js'), ...args], { cwd: root, timeoutMs, show: true });
    if (result.timedOut) return failed(`Jest with ${config} did not end in ${timeoutMs / MINUTE_MS} minutes`);
    try {
      return fromJest(JSON.parse(readFileSync(report, 'utf8')) as JestReport, result.exitCode);
    } catch (error) {
      return failed(`Jest with ${config} left no report: ${describeError(error)}`);
    }
  };
}

/** Each example is one test: it must synthesise without credentials, and cdk-nag must have no error for it. */
async function synthesise(root: string): Promise<Outcome> {
  rmSync(synthFolder(root), { recursive: true, force: true });
  const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'));
  if (examples.length === 0) return failed('no example in examples/*.yaml');
  const outcomes: Outcome[] = [];
  for (const example of examples) {
    const output = join(synthFolder(root), example.replace('.yaml', ''));
    const args = ['synth', '--quiet', '-c', `config=${join('examples', example)}`, '--output', output];
    const result = await runNode([modulePath(root, 'aws-cdk/bin/cdk'), ...args], {
      cwd: root,
      timeoutMs: 5 * MINUTE_MS,
      show: false,
      env: { CDK_DISABLE_CLI_TELEMETRY: '1' },
    });
    if (result.exitCode !== 0) process.stdout.write(`${example}:\n${result.output}\n`);
    outcomes.push(result.exitCode === 0 ? passed() : failed(`${example} does not synthesise, see above`));
  }
  return sum(outcomes);
}
