import { coreCommands } from './core';
import type { Command, Reply } from './command';
import { fsctl } from './fsctl';
import { show } from './show';
import { sofia } from './sofia';
import { jsonStatus, status } from './status';
import type { SoftSwitch } from '../softswitch';

const COMMANDS = new Map<string, Command>([
  ...Object.entries(coreCommands),
  ['status', status],
  ['json', jsonStatus],
  ['show', show],
  ['fsctl', fsctl],
  ['sofia', sofia],
]);

/**
 * Runs one api command line, `name args…`. There is no status code in this protocol: errors are text like the rest,
 * and empty output becomes `-ERR no reply`.
 */
export async function runApi(system: SoftSwitch, line: string): Promise<Reply> {
  const space = line.indexOf(' ');
  const name = space < 0 ? line : line.slice(0, space);
  const command = COMMANDS.get(name);
  if (command === undefined) return `-ERR ${name} Command not found!\n`;
  const reply = await command(system, space < 0 ? '' : line.slice(space + 1).trim());
  return reply === '' ? '-ERR no reply\n' : reply;
}
