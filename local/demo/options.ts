/** The arguments of `npm run demo`. */
import { Command, InvalidArgumentError, Option } from 'commander';

import type { ClusterConfig } from '../../lib/config/model';
import { UnderstudyError } from '../../lib/domain/errors';
import { ADOPTION_LEVELS, levelOf, type AdoptionLevel } from './adoption/level';
import { adoptsNodes } from './adoption/site-plan';
import { FAULTS, type Fault } from './facts';

/** Two arguments do not go together. The message names both, and the remedy. */
export class DemoRefused extends UnderstudyError {
  override readonly name = 'DemoRefused';
}

export interface Options {
  fault: Fault;
  keep: boolean;
  json?: string;
  config: string;
  calls: number;
  /** null: what the configuration stands for. */
  level: AdoptionLevel | null;
}

/** Ends the process with a message where an argument is not understood, unless `override` says otherwise. */
export function parseOptions(
  argv: readonly string[],
  override: (command: Command) => Command = (same) => same,
): Options {
  const command = new Command('npm run demo --')
    .description('Deploys a cluster onto an AWS emulator on this machine, breaks it, and watches it recover by itself.')
    .addOption(new Option('--fault <kind>', 'what to break').choices(FAULTS).default('kill'))
    .option('--keep', 'leave everything running until Ctrl-C', false)
    .option('--json <file>', 'write the result there')
    .option('--calls <count>', 'established calls on the holder before it breaks', wholeNumber, 20)
    .option('--config <file>', 'the cluster to deploy', 'examples/primary-standby.yaml')
    .option(
      '--level <level>',
      'adoption level (0 to 3) of nodes that exist already, for a configuration that adopts them; ' +
        'without it 0, or 2 with a database in the configuration, or 3 with service addresses too',
      adoptionLevel,
      null,
    );
  return override(command)
    .parse([...argv], { from: 'user' })
    .opts<Options>();
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('a whole number from 0 to 9999');
  return Number(text);
}

function adoptionLevel(text: string): AdoptionLevel {
  const found = ADOPTION_LEVELS.find((level) => String(level) === text);
  if (found === undefined) throw new InvalidArgumentError(`one of ${ADOPTION_LEVELS.join(', ')}`);
  return found;
}

/**
 * The level that existing nodes are made as; null where the deployment makes all nodes itself.
 *
 * @throws DemoRefused for a level without adopted nodes, and for adopted nodes that are no stand-ins
 */
export function levelWanted(
  { level, config }: Pick<Options, 'level' | 'config'>,
  cluster: ClusterConfig,
  realFreeSwitch: boolean,
): AdoptionLevel | null {
  if (!adoptsNodes(cluster)) {
    if (level === null) return null;
    throw new DemoRefused(`--level is for adopted nodes, and ${config} has none: add --config examples/adopt.yaml`);
  }
  if (!realFreeSwitch) return level ?? levelOf(cluster);
  throw new DemoRefused(`the adopted nodes of ${config} are stand-ins here: unset UNDERSTUDY_FREESWITCH`);
}
