/** The command line of `npm run evaluate`. */
import { Command, Option } from 'commander';
import { withSharedOptions, type SharedOptions } from '../simulate/options';
import { SET_NAMES, SETS, type SetName } from './sets';
import type { Strategy } from './strategies';

export interface EvaluateOptions extends SharedOptions {
  set: SetName;
  /** The first is the yardstick. */
  strategies: readonly Strategy[];
  svg?: string;
  writeDocs: boolean;
}

/** Ends the process with a message where an argument is not understood, unless `override` says otherwise. */
export function parseOptions(
  argv: readonly string[],
  override: (command: Command) => Command = (same) => same,
): EvaluateOptions {
  const command = override(
    withSharedOptions(new Command('npm run evaluate --'))
      .description('Runs the strategies a team would weigh over the same faults, and ranks them.')
      .addOption(new Option('--set <name>', 'what is compared').choices(SET_NAMES).default('strategies'))
      .option('--only <id...>', 'some of the set')
      .option('--svg <file>', 'draw the picture there')
      .option('--write-docs', 'replace table and picture of its page in docs/', false),
  ).parse([...argv], { from: 'user' });
  const { only, ...options } = command.opts<Omit<EvaluateOptions, 'strategies'> & { only?: string[] }>();
  if (options.writeDocs && only !== undefined)
    command.error('error: --write-docs writes the whole table of a page: leave out --only, or look at the terminal');
  return { ...options, strategies: chosen(command, options.set, only) };
}

function chosen(command: Command, set: SetName, only: readonly string[] | undefined): readonly Strategy[] {
  const { strategies } = SETS[set];
  return (
    only
      ?.flatMap((ids) => ids.split(','))
      .map((id) => {
        const found = strategies.find((strategy) => strategy.id === id);
        return (
          found ??
          command.error(
            `error: nothing of this set is called '${id}'; known: ${strategies.map((each) => each.id).join(', ')}`,
          )
        );
      }) ?? strategies
  );
}
