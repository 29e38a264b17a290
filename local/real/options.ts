/** The command line of the lab. */
import { Command } from 'commander';
import { atLeastOne } from '../simulate/arguments';

export interface LabOptions {
  /** null: all scenarios. */
  only: string[] | null;
  /** null: what each scenario is made for. */
  calls: number | null;
  json: string | null;
  times: number;
  keep: boolean;
  verbose: boolean;
}

export function parseOptions(args: readonly string[]): LabOptions {
  const program = new Command('test:freeswitch')
    .description('Understudy with real FreeSWITCH processes (UNDERSTUDY_FREESWITCH=PREFIX/bin/freeswitch), as root')
    .option('--only <names>', 'scenarios, separated by commas', (text: string) => text.split(','))
    .option('--calls <n>', 'calls of each scenario, instead of its own number', atLeastOne)
    .option('--times <n>', 'run each so often; medians are told', atLeastOne, 1)
    .option('--json <file>', 'write the results there too')
    .option('--keep', 'keep logs and configurations')
    .option('--verbose', 'say what the control plane logs')
    .parse([...args], { from: 'user' });
  const given = program.opts<Partial<LabOptions>>();
  return {
    only: given.only ?? null,
    calls: given.calls ?? null,
    json: given.json ?? null,
    times: given.times ?? 1,
    keep: given.keep ?? false,
    verbose: given.verbose ?? false,
  };
}
