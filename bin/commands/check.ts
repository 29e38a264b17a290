/** `understudy check`: the level of adoption each node reaches, what the next one takes, and what is in the way. */
import Table from 'cli-table3';
import type { Command } from 'commander';
import type { Inspection } from '../../lib/domain/ports';
import { inspectNodes } from '../../lib/operations/inspect-nodes';
import { tableOption, tableStyle, type CliContext } from './context';

interface Options {
  table: string;
  json?: boolean;
}

export function addCheck(program: Command, context: CliContext): void {
  program
    .command('check')
    .description('how far each node may be taken into care; ends with 1 where something fights the control plane')
    .addOption(tableOption())
    .option('--json')
    .action((options: Options) => check(context, options));
}

async function check(context: CliContext, options: Options): Promise<void> {
  const topology = await context.storeOf(options.table).readTopology();
  const inspections = await inspectNodes(context.nodeControlOf(topology), topology);
  context.say(options.json === true ? JSON.stringify(inspections, null, 2) : draw(context, inspections));
  const conflicts = inspections.flatMap((each) => each.conflicts.map((conflict) => `${each.nodeId}: ${conflict}`));
  if (conflicts.length > 0) context.fail(conflicts);
}

function draw(context: CliContext, inspections: readonly Inspection[]): string {
  const table = new Table({
    ...tableStyle(context),
    head: ['node', 'level', 'the next level takes', 'conflicts'],
    wordWrap: true,
    colWidths: [null, null, 60, 50],
  });
  for (const { nodeId, level, missing, conflicts } of inspections) {
    table.push([nodeId, level ?? '?', missing.join('\n') || 'nothing', conflicts.join('\n') || 'none']);
  }
  return table.toString();
}
