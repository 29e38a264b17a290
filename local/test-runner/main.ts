/**
 * `npm test`: every stage with its progress and its duration, then all that failed, and as the very last line
 * `N passed, N failed`. A stage that crashes is a failure; the stages after it run all the same.
 */
import { join } from 'node:path';

import { Command } from 'commander';

import { describeError } from '../../lib/domain/errors';
import { cleanUpLeftovers } from '../emulator/processes';
import { endAll } from './command';
import { failed, lastLine, sum, type Outcome } from './outcome';
import { grouped, STAGES, type Stage } from './stages';

const root = join(__dirname, '../..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function chosenStages(only: string[] | undefined): readonly Stage[] {
  if (only === undefined) return STAGES;
  const unknown = only.filter((id) => !STAGES.some((stage) => stage.id === id));
  if (unknown.length > 0)
    throw new Error(`no stage is named ${unknown.join(', ')}; known: ${STAGES.map((stage) => stage.id).join(', ')}`);
  return STAGES.filter((stage) => only.includes(stage.id));
}

async function runStage(stage: Stage, position: string): Promise<Outcome> {
  say(`\n[${position}] ${stage.title} ...`);
  const startedAt = performance.now();
  const outcome = await stage.run(root).catch((error: unknown) => failed(`crashed: ${describeError(error)}`));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`[${position}] ${stage.title}: ${lastLine(outcome)} (${seconds} s)`);
  return { ...outcome, failures: outcome.failures.map((failure) => `${stage.title}: ${failure}`) };
}

/** Set by the first signal: what the stages still say is about their end, not about the project. */
let interrupted = false;

/** For programs to stop their emulators in good order. */
const GRACE_MS = 10_000;

/** Jest's workers start emulators, and one that was killed could not stop its own. */
async function leaveNothing(): Promise<void> {
  const ended = await cleanUpLeftovers(root);
  if (ended.length > 0) say(`\nEnded what was left running: ${ended.join(', ')}`);
}

async function leave(signal: NodeJS.Signals): Promise<void> {
  interrupted = true;
  // After SIGHUP there is no terminal any more to write to.
  process.stdout.on('error', () => undefined);
  say(`\n${signal}: ending what is running`);
  await endAll(GRACE_MS);
  await leaveNothing().catch((error: unknown) => say(describeError(error)));
  say(`\n${lastLine(failed(signal))}`);
  process.exit(1);
}

async function main(): Promise<void> {
  const command = new Command('npm test --')
    .option('--only <stage...>', `run these stages only: ${STAGES.map((stage) => stage.id).join(', ')}`)
    .parse();
  const { only } = command.opts<{ only?: string[] }>();
  const stages = chosenStages(only);
  const outcomes: Outcome[] = [];
  for (const group of grouped(stages)) {
    const position = (stage: Stage): string => `${stages.indexOf(stage) + 1}/${stages.length}`;
    outcomes.push(...(await Promise.all(group.map((stage) => runStage(stage, position(stage))))));
    if (interrupted) return;
  }
  await leaveNothing().catch((error: unknown) => outcomes.push(failed(`the clean-up: ${describeError(error)}`)));
  const total = sum(outcomes);
  for (const failure of total.failures) say(`\nFAILED ${failure}`);
  for (const test of total.notRunHere) say(`\nNot run on this machine: ${test}`);
  const left = STAGES.filter((stage) => !stages.includes(stage));
  if (left.length > 0) say(`\nNot run, because of --only: ${left.map((stage) => stage.title).join('; ')}`);
  say(`\n${lastLine(total)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // A closed terminal comes twice, from the kernel and from run.mjs. The end has deadlines: it needs no hurrying.
    if (!interrupted) void leave(signal);
  });

main().catch((error: unknown) => {
  say(describeError(error));
  say(lastLine(failed('the runner')));
  process.exitCode = 1;
});
