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
      .option('--pairs', 'in place of single faults two, the second a short while after the first', false)
      .option('--cases <n>', 'so many pairs (1,000), or of the thorough cases (all), drawn by the seed', atLeastOne)
      .option('--case <number>', 'this pair, or thorough case, alone', wholeNumber),
  ).parse([...argv], { from: 'user' });
  const options = command.opts<ExploreOptions>();
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  if (!options.pairs && !options.thorough && (isGiven('cases') || isGiven('case')))
    command.error('error: --cases and --case are of --pairs and --thorough');
  if (options.pairs && options.thorough) command.error('error: --thorough is of single faults, and not of --pairs');
  return options;
}

/** The state is in the number. */
export function replayOf({ seed, pairs }: Pick<ExploreOptions, 'seed' | 'pairs'>, number: number): string {
  return `npm run explore -- ${pairs ? '--pairs' : '--thorough'} --seed ${seed} --case ${number}`;
}
