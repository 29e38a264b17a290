/**
 * `npm run bench`: many failovers on the local AWS, as it is and with latencies like AWS's in front of it, and what
 * each phase took. Figures go to `--json` and, as tables, to `--markdown`.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

import { Command, InvalidArgumentError, Option } from 'commander';

import { describeError } from '../lib/domain/errors';
import { FAULTS, type Fault } from '../local/demo/facts';
import { World } from '../local/demo/world';
import { realisticLatencies } from '../local/emulator/latency';
import { stopAll, stopAllOnExit } from '../local/emulator/processes';
import { measureFunctions, type FunctionStart } from './functions';
import { runFailovers } from './run-failovers';
import { markdown, type BenchResult, type Measured } from './tables';

type Latency = 'none' | 'aws' | 'both';

interface Options {
  runs: number;
  faults: Fault[];
  latency: Latency;
  json?: string;
  markdown?: string;
  config: string;
}

const projectDir = join(__dirname, '..');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number, 1 or more');
  return value;
}

function faultList(text: string): Fault[] {
  return text.split(',').map((name) => {
    const fault = FAULTS.find((each) => each === name && each !== 'no-standby');
    if (fault === undefined) throw new InvalidArgumentError(`known: ${FAULTS.join(', ')}, without no-standby`);
    return fault;
  });
}

function parseOptions(): Options {
  return new Command('npm run bench --')
    .option('--runs <n>', 'failovers for each kind of fault', positive, 20)
    .option('--faults <list>', 'kinds of fault, with commas', faultList, ['kill', 'freeze', 'sip', 'zone'])
    .addOption(new Option('--latency <kind>', 'injected latencies').choices(['none', 'aws', 'both']).default('both'))
    .option('--json <file>', 'write the figures there')
    .option('--markdown <file>', 'write the tables of docs/performance.md there')
    .option('--config <file>', 'the cluster to deploy', 'examples/primary-standby.yaml')
    .parse()
    .opts<Options>();
}

/** Each step of the start, timed. */
async function startWorld(world: World, partsMs: Record<string, number>): Promise<void> {
  const steps: [string, () => Promise<void>][] = [
    ['synthesis and bootstrap', () => world.prepare()],
    ['cdk deploy --all', () => world.deploy()],
    ['FreeSWITCH on the nodes', () => world.startNodes()],
    ['first assignment, caller served', () => world.waitUntilHealthy()],
  ];
  for (const [name, step] of steps) {
    const startedAt = performance.now();
    await step();
    partsMs[name] = Math.round(performance.now() - startedAt);
    say(`${name}: ${((partsMs[name] ?? 0) / 1000).toFixed(1)} s`);
  }
}

async function measure(options: Options, latency: 'none' | 'aws'): Promise<[Measured, FunctionStart[]]> {
  say(`\n== ${latency === 'aws' ? "with latencies like AWS's" : 'the emulator as it is'}`);
  const partsMs: Record<string, number> = {};
  const startedAt = performance.now();
  const world = await World.create({
    projectDir,
    name: 'bench',
    config: options.config,
    log: say,
    ...(latency === 'aws' ? { latency: realisticLatencies } : {}),
  });
  partsMs['AWS emulator'] = Math.round(performance.now() - startedAt);
  try {
    await startWorld(world, partsMs);
    const reports = await runFailovers(world, options.faults, options.runs, say);
    return [{ latency, reports, partsMs }, await measureFunctions(world)];
  } finally {
    await world.destroy();
  }
}

async function main(): Promise<number> {
  const options = parseOptions();
  const startedAt = new Date().toISOString();
  const worlds: Measured[] = [];
  let functions: FunctionStart[] = [];
  for (const latency of options.latency === 'both' ? (['none', 'aws'] as const) : [options.latency]) {
    const [measured, measuredFunctions] = await measure(options, latency);
    worlds.push(measured);
    functions = measuredFunctions;
  }
  const { model = 'unknown' } = cpus()[0] ?? {};
  const result: BenchResult = {
    node: process.versions.node,
    cpu: model,
    cores: cpus().length,
    startedAt,
    worlds,
    functions,
  };
  if (options.json !== undefined) writeFileSync(resolve(options.json), `${JSON.stringify(result, null, 2)}\n`);
  if (options.markdown !== undefined) writeFileSync(resolve(options.markdown), `${markdown(result)}\n`);
  say(`\n${markdown(result)}`);
  return worlds.every(({ reports }) => reports.every((report) => report.asExpected)) ? 0 : 1;
}

stopAllOnExit(say);
main()
  .catch((error: unknown) => {
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  })
  .then(async (exitCode) => {
    await stopAll();
    process.exit(exitCode);
  })
  .catch(() => process.exit(1));
