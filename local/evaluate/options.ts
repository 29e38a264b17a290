/** The command line of `npm run evaluate`. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { withSharedOptions, type SharedOptions } from '../simulate/options';
import { STRATEGIES, type Strategy } from './strategies';

export interface EvaluateOptions extends SharedOptions {
  only: readonly Strategy[];
  svg?: string;
  writeDocs: boolean;
}

/** Ends the process with a message where an argument is not understood, unless `override` says otherwise. */
export function parseOptions(
  argv: readonly string[],
  override: (command: Command) => Command = (same) => same,
): EvaluateOptions {
  const command = withSharedOptions(new Command('npm run evaluate --'))
    .description('Runs the strategies a team would weigh over the same faults, and ranks them.')
    .option('--svg <file>', 'draw the picture there')
    .option('--write-docs', 'put table and picture into docs/strategies.md and docs/strategies.svg', false)
    .addOption(
      new Option('--only <ids>', `some of ${STRATEGIES.map(({ id }) => id).join(', ')}, with commas`)
        .argParser(strategyList)
        .default(STRATEGIES, 'all'),
    );
  return override(command)
    .parse([...argv], { from: 'user' })
    .opts<EvaluateOptions>();
}

function strategyList(text: string): Strategy[] {
  return text.split(',').map((id) => {
    const found = STRATEGIES.find((strategy) => strategy.id === id);
    if (found === undefined) throw new InvalidArgumentError(`known: ${STRATEGIES.map((each) => each.id).join(', ')}`);
    return found;
  });
}
