/** `understudy drain` and `undrain`: no new calls for one VIP on its node, and new calls again. */
import type { Command } from 'commander';
import { describeLeft, drainVip, undrainVip } from '../../lib/operations/drain';
import { operatorDeps, tableOption, type CliContext } from './context';

interface Options {
  table: string;
  vip: string;
  json?: boolean;
}

export function addDrain(program: Command, context: CliContext): void {
  program
    .command('drain')
    .description('no new calls for one VIP on its node; asked again it tells how many are left')
    .addOption(tableOption())
    .requiredOption('--vip <id>')
    .option('--json')
    .action((options: Options) => drain(context, options));
  program
    .command('undrain')
    .description('new calls again on the same node')
    .addOption(tableOption())
    .requiredOption('--vip <id>')
    .option('--json')
    .action((options: Options) => undrain(context, options));
}

async function drain(context: CliContext, options: Options): Promise<void> {
  const store = context.storeOf(options.table);
  const deps = operatorDeps(context, store, await store.readTopology());
  const outcome = await drainVip(deps, options.vip);
  if (options.json === true) context.say(JSON.stringify(outcome, null, 2));
  if (outcome.kind === 'refused') return context.fail(outcome.reasons);
  if (options.json === true) return;
  context.say(`${options.vip} takes no new calls on ${outcome.nodeId}: ${outcome.proof}`);
  context.say(describeLeft(outcome.left));
  context.say(
    `it is paused meanwhile: nothing fails it over. When no call is left: \`understudy switchover --drained --vip ` +
      `${options.vip}\`, or back: \`understudy undrain --vip ${options.vip}\``,
  );
}

async function undrain(context: CliContext, options: Options): Promise<void> {
  const store = context.storeOf(options.table);
  const deps = operatorDeps(context, store, await store.readTopology());
  const outcome = await undrainVip(deps, options.vip);
  if (options.json === true) context.say(JSON.stringify(outcome, null, 2));
  if (outcome.kind === 'refused') return context.fail(outcome.reasons);
  if (options.json !== true) context.say(`${options.vip} is resumed: ${outcome.proof}`);
}
