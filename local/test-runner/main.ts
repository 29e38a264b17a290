/**
 * `npm test`: every stage with its progress and its duration, then all that failed, and as the very last line
 * `N passed, N failed`. A stage that crashes is a failure; the stages after it run all the same.
 */
import { join } from 'node:path';

import { Command } from 'commander';

import { describeError } from '../../lib/domain/errors';
import { endAll } from './command';
import { failed, lastLine, sum, type Outcome } from './outcome';
import { STAGES, type Stage } from './stages';

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

async function main(): Promise<void> {
  const command = new Command('npm test --')
    .option('--only <stage...>', `run these stages only: ${STAGES.map((stage) => stage.id).join(', ')}`)
    .parse();
  const { only } = command.opts<{ only?: string[] }>();
  const stages = chosenStages(only);
  const outcomes: Outcome[] = [];
  for (const [index, stage] of stages.entries()) outcomes.push(await runStage(stage, `${index + 1}/${stages.length}`));
  const total = sum(outcomes);
  for (const failure of total.failures) say(`\nFAILED ${failure}`);
  const left = STAGES.filter((stage) => !stages.includes(stage));
  if (left.length > 0) say(`\nNot run, because of --only: ${left.map((stage) => stage.title).join('; ')}`);
  say(`\n${lastLine(total)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    endAll('SIGTERM');
    say(`\n${lastLine(failed(signal))}`);
    process.exit(1);
  });

main().catch((error: unknown) => {
  say(describeError(error));
  say(lastLine(failed('the runner')));
  process.exitCode = 1;
});
