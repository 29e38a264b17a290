/** The command line of `npm run explore`, and the one that tries a single case of it again. */
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { atLeastOne, seedNumber, wholeNumber } from './arguments';

export interface ExploreOptions {
  seed: number;
  jobs: number;
  /** In the names of the states. */
  state: string;
  thorough: boolean;
  /** The faults of thorough cases strike at other moments, drawn by the seed. */
  shifted: boolean;
  /** Two faults in each case, in place of one. */
  pairs: boolean;
  /** So many of the pairs, or of the thorough cases, drawn by the seed. */
  cases?: number;
  /** This one of them alone. */
  case?: number;
}

/** Ends the process with a message where an argument is not understood, unless `override` says otherwise. */
export function parseExploreOptions(
  argv: readonly string[],
  override: (command: Command) => Command = (same) => same,
): ExploreOptions {
  const command = override(
    new Command('npm run explore --')
      .description('Every state of a VIP, every single fault, and an end of the failover function at every step.')
      .option('--seed <s>', 'of latencies, ties and draws', seedNumber, 1)
      .option('--jobs <n>', 'processes at once', atLeastOne, availableParallelism())
      .option('--state <words>', 'only states whose name has these words', '')
      .option('--thorough', 'each of these ends under each fault, in every state: an hour or so', false)
      .option('--shifted', 'the faults of these strike up to 0.6 s sooner or 6 s later, drawn by the seed', false)
      .option('--pairs', 'in place of single faults two, the second a short while after the first', false)
      .option('--cases <n>', 'so many pairs (1,000), or of the thorough cases (all), drawn by the seed', atLeastOne)
      .option('--case <number>', 'this pair, or thorough case, alone', wholeNumber),
  ).parse([...argv], { from: 'user' });
  const options = command.opts<ExploreOptions>();
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  if (!options.pairs && !options.thorough && (isGiven('cases') || isGiven('case')))
    command.error('error: --cases and --case are of --pairs and --thorough');
  if (options.pairs && options.thorough) command.error('error: --thorough is of single faults, and not of --pairs');
  if (options.shifted && !options.thorough) command.error('error: --shifted is of --thorough');
  return options;
}

/** The state is in the number. */
export function replayOf(
  { seed, pairs, shifted }: Pick<ExploreOptions, 'seed' | 'pairs' | 'shifted'>,
  number: number,
): string {
  const kind = pairs ? '--pairs' : `--thorough${shifted ? ' --shifted' : ''}`;
  return `npm run explore -- ${kind} --seed ${seed} --case ${number}`;
}
