/** The command line of `npm run simulate`, and the one that repeats a single year of it. */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import type { Draft } from '../../lib/config/draft';
import { effectivePolicy } from '../../lib/config/effective-policy';
import { PRESET_NAMES, type PresetName } from '../../lib/config/presets';
import type { WrittenPolicy } from '../../lib/config/schema';
import type { FaultKind } from '../../lib/simulation/faults/fault';
import { YEAR_MS, type Scenario } from '../../lib/simulation/scenario';
import { aboveZero, atLeastOne, faultKinds, notNegative, seedNumber, SEEDS, share, wholeNumber } from './arguments';
import { policyKeys, policyText, refuseNonsense } from './policy-argument';
import { POLICY_OF_SHAPE, SHAPE_NAMES, SHAPES, type ShapeName } from './shapes';
import type { Span, Year } from './years';

/** What befalls a cluster. */
export interface Weather {
  /** Share of probes lost. */
  loss: number;
  /** Mean length of a burst of loss, in milliseconds. */
  burst: number;
  /** Multiplies the rates of all faults. */
  faults: number;
  /** Only these; left out: all. */
  kinds?: readonly FaultKind[];
}

/** What `npm run evaluate` understands, too. */
export interface SharedOptions extends Span, Weather {
  jobs: number;
  json?: string;
}

export interface SimulateOptions extends SharedOptions {
  preset: PresetName;
  shape: ShapeName;
  /** In place of what preset and shape say. */
  policy?: Draft<WrittenPolicy>;
  everySecond: boolean;
  trace?: string;
  /** More false failovers than these end it with 1; left out: it ends well with any number. */
  maxFalse?: number;
}

/** Ends the process with a message where an argument is not understood, unless `override` says otherwise. */
export function parseOptions(
  argv: readonly string[],
  override: (command: Command) => Command = (same) => same,
): SimulateOptions {
  const command = withSharedOptions(new Command('npm run simulate --'))
    .description('Runs the shipped control plane over a simulated AWS for years of virtual time, judging every event.')
    .option('--trace <file>', 'write what happened in every year there')
    .addOption(new Option('--preset <name>', 'how the cluster judges').choices(PRESET_NAMES).default('balanced'))
    .addOption(new Option('--shape <name>', 'what the cluster is').choices(SHAPE_NAMES).default('pair'))
    .option('--policy <keys>', 'keys of the policy, as failback=automatic,maxVipsPerNode=2', policyKeys)
    .option(
      '--max-false <n>',
      'end with 1 when more failovers than these were false, but for holders that had just recovered',
      wholeNumber,
    )
    .option('--every-second', 'live through quiet stretches second by second, too (slow)', false);
  const options = override(command)
    .parse([...argv], { from: 'user' })
    .opts<SimulateOptions>();
  try {
    refuseNonsense(policyOf(options), SHAPES[options.shape].database);
  } catch (error) {
    command.error(`error: the policy is refused: ${error instanceof Error ? error.message : String(error)}`);
  }
  return options;
}

function policyOf({ preset, shape, policy }: SimulateOptions): Draft<WrittenPolicy> {
  return { preset, ...POLICY_OF_SHAPE[shape], ...policy };
}

export function withSharedOptions(command: Command): Command {
  return command
    .option('--years <n>', 'how many years; 0.25 is a quarter of one', aboveZero, 10)
    .addOption(
      new Option('--seed <s>', 'the same seed gives the same years')
        .argParser(seedNumber)
        .default(randomInt(SEEDS), 'a random one, which is printed'),
    )
    .option('--from-year <k>', 'the first year; they are counted from 0', wholeNumber, 0)
    .option('--json <file>', 'write the figures there')
    .option('--loss <share>', 'probes that are lost; 0.01 is 1 %', share, 0.01)
    .option('--burst <ms>', 'mean length of a burst of loss', aboveZero, 500)
    .option('--faults <factor>', 'so many times the usual rate of faults; 0 for none', notNegative, 1)
    .option('--kinds <kinds>', 'only these faults, with commas, as the JSON names them', faultKinds)
    .addOption(
      new Option('--jobs <n>', 'processes at once').argParser(atLeastOne).default(availableParallelism(), 'all cores'),
    );
}

export function scenarioOf(options: SimulateOptions): Omit<Scenario, 'seed' | 'durationMs'> {
  const { shape, everySecond } = options;
  return { shape: SHAPES[shape], policy: effectivePolicy(policyOf(options)), ...weatherOf(options), everySecond };
}

export function weatherOf({
  loss,
  burst,
  faults,
  kinds,
}: Weather): Pick<Scenario, 'loss' | 'faultScale' | 'faultKinds'> {
  return {
    loss: { share: loss, meanBurstMs: burst },
    faultScale: faults,
    ...(kinds === undefined ? {} : { faultKinds: kinds }),
  };
}

/** The command that runs exactly this year again, and writes its trace. Says everything: defaults may change. */
export function replayCommand(options: SimulateOptions, year: Year): string {
  const { seed, preset, shape, policy, everySecond } = options;
  return [
    `npm run simulate -- ${yearArguments(options, year)} --preset ${preset} --shape ${shape}`,
    ...(policy === undefined ? [] : [`--policy ${policyText(policy)}`]),
    ...(everySecond ? ['--every-second'] : []),
    `--trace seed-${seed}-year-${year.year}.txt`,
  ].join(' ');
}

/** One year, and what befalls it. */
export function yearArguments({ seed, loss, burst, faults, kinds }: SharedOptions, { year, scenario }: Year): string {
  const years = scenario.durationMs / YEAR_MS;
  const only = kinds === undefined ? '' : ` --kinds ${kinds.join(',')}`;
  return `--seed ${seed} --from-year ${year} --years ${years} --loss ${loss} --burst ${burst} --faults ${faults}${only}`;
}
