/**
 * `npm run demo`: deploys the real stacks onto the local AWS, breaks the node that holds the VIP, and shows what
 * happened. The exit code is 0 only if what should have happened really happened.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { ListrTask } from 'listr2' with { 'resolution-mode': 'import' };

import { ConfigurationError, UnderstudyError, describeError } from '../../lib/domain/errors';
import { stopAll, stopAllOnExit } from '../emulator/processes';
import { createAdoptedWorld } from './adoption/adopted-world';
import { drawLevels, levelFindings, type AdoptionView } from './adoption/verdict';
import type { AdoptionLevel } from './adoption/level';
import { FAULT_WORDS } from './facts';
import { judge } from './judge';
import { laptopConfig } from './laptop-config';
import { lookAround } from './look-around';
import { levelWanted, parseOptions, type Options } from './options';
import { reportOf } from './report';
import { drawCalls, drawFindings, drawPages, drawTimeline, painter, type Drawing } from './timeline';
import { realFreeSwitch, readCluster, World } from './world';

const projectDir = join(__dirname, '../..');
const say = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

/** What has been started, for the clean-up: a task that fails leaves what came before it. */
interface Stage {
  world: World | null;
  partsMs: Record<string, number>;
  /** null: the deployment makes the nodes. */
  adoption: AdoptionView | null;
  /** What a part failed of. */
  failure?: unknown;
}

function part(stage: Stage, title: string, run: (world: World | null) => Promise<void>): ListrTask {
  return {
    title,
    task: async (_context, task) => {
      const startedAt = performance.now();
      try {
        await run(stage.world);
      } catch (error) {
        // The list shows one line; the whole message, often with the end of a log, comes once and at the end.
        stage.failure = error;
        throw new Error('see below', { cause: error });
      }
      stage.partsMs[title] = Math.round(performance.now() - startedAt);
      task.title = `${title} (${((stage.partsMs[title] ?? 0) / 1000).toFixed(1)} s)`;
    },
  };
}

const there = (world: World | null): World => {
  if (world === null) throw new Error('the world was not made');
  return world;
};

function tasks(options: Options, stage: Stage, notes: string[]): ListrTask[] {
  const log = (line: string): void => void notes.push(line);
  const { path: config, changes } = laptopConfig(projectDir, 'demo', options.config);
  if (changes.length > 0)
    log(`deployed ${config}, a copy of ${options.config} for this machine: ${changes.join('; ')}`);
  const common = { projectDir, name: 'demo', config, log };
  const cluster = readCluster(common);
  const level = levelWanted(options, cluster, realFreeSwitch() !== null);
  // Without a standby nothing could keep them.
  const calls = options.fault === 'no-standby' ? 0 : options.calls;
  const withCalls = (each: ListrTask): ListrTask[] => (calls === 0 ? [] : [each]);
  const start =
    level === null ? 'Start the AWS emulator' : 'Start the AWS emulator, and make what exists already in it';
  return [
    part(stage, start, async () => {
      if (level === null) stage.world = await World.create(common);
      else ({ world: stage.world } = await createAdoptedWorld(common, { cluster, level }));
    }),
    part(stage, 'Synthesise the stacks, bootstrap the account', (world) => there(world).prepare()),
    part(stage, 'Deploy the stacks (cdk deploy --all)', (world) => there(world).deploy()),
    part(stage, 'Start FreeSWITCH on the nodes, and a caller', (world) => there(world).startNodes()),
    part(stage, 'The control plane assigns the address; the caller is served', (world) =>
      there(world).waitUntilHealthy(),
    ),
    ...(level === null ? [] : [askForLevels(stage, level)]),
    ...withCalls(part(stage, `Place ${calls} calls on the holder`, (world) => there(world).placeCalls(calls))),
    part(stage, `Break it: ${FAULT_WORDS[options.fault]}`, (world) => there(world).inject(options.fault)),
    part(stage, 'Hands off: wait for the outcome', async (world) => void (await there(world).waitForOutcome())),
    ...withCalls(part(stage, 'Count the calls that live, 5 s and 30 s after', (world) => there(world).waitForLedger())),
  ];
}

function askForLevels(stage: Stage, level: AdoptionLevel): ListrTask {
  return part(stage, 'Ask each node for its adoption level (understudy check)', async (world) => {
    stage.adoption = { level, nodes: await there(world).check() };
  });
}

async function run(options: Options, stage: Stage): Promise<number> {
  const { Listr } = await import('listr2');
  const notes: string[] = [];
  await new Listr(tasks(options, stage, notes), { concurrent: false, exitOnError: true }).run();
  const world = there(stage.world);
  const facts = await world.facts();
  const { adoption } = stage;
  const judgement = judge(facts, adoption === null ? [] : levelFindings(adoption));
  const drawing: Drawing = {
    width: Math.min(process.stdout.columns ?? 100, 120),
    colour: process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined,
  };
  const bold = (text: string): string => painter(drawing.colour)('bold', text);
  if (adoption !== null)
    say('', bold('What `understudy check` said of the adopted nodes'), '', ...drawLevels(adoption));
  say('', bold(`What happened after ${FAULT_WORDS[options.fault]}`), '', ...drawTimeline(facts, drawing));
  say('', bold('Established calls'), '', ...drawCalls(facts, drawing));
  say('', ...drawFindings(facts, judgement, drawing));
  say('', bold('What the on-call engineer received'), '', ...drawPages(facts, drawing));
  say('', bold('Where to look next'), '', ...lookAround(world, { kept: options.keep }));
  for (const note of notes) say(`note: ${note}`);
  const report = { ...reportOf(facts, judgement, adoption), partsMs: stage.partsMs };
  if (options.json !== undefined) writeFileSync(resolve(options.json), `${JSON.stringify(report, null, 2)}\n`);
  say('', judgement.asExpected ? 'All that should have happened did.' : 'NOT all that should have happened did.');
  return judgement.asExpected ? 0 : 1;
}

function explain(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  if (error instanceof UnderstudyError) return describeError(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Resolves at the first Ctrl-C, SIGTERM, or SIGHUP (the terminal was closed). */
function untilInterrupted(): Promise<void> {
  return new Promise((wake) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => wake());
  });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const stage: Stage = { world: null, partsMs: {}, adoption: null };
  const letGo = stopAllOnExit((message) => say(message));
  let exitCode = 1;
  try {
    exitCode = await run(options, stage);
    if (options.keep) {
      letGo();
      say('', 'Everything is left running. Ctrl-C ends it.');
      await untilInterrupted();
    }
  } catch (error) {
    process.stderr.write(`${explain(stage.failure ?? error)}\n`);
  } finally {
    await stage.world?.destroy().catch((error: unknown) => process.stderr.write(`${describeError(error)}\n`));
    await stopAll().catch((error: unknown) => process.stderr.write(`${describeError(error)}\n`));
  }
  process.exit(exitCode);
}

void main();
