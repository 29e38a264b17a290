/** `understudy switchover`: the forecast first, then the question, then the decision. */
import type { Command } from 'commander';
import type { ClusterSnapshot } from '../../lib/domain/model';
import type { StateStore } from '../../lib/domain/ports';
import { switchOverDrained } from '../../lib/operations/drain';
import { requestSwitchover, type SwitchoverOutcome } from '../../lib/operations/switchover';
import { forecastSwitchover } from '../../lib/operations/switchover-forecast';
import { planSwitchover } from '../../lib/operations/switchover-plan';
import { confirmed, operatorDeps, refusesClock, tableOption, type CliContext } from './context';

interface Options {
  table: string;
  vip: string;
  to?: string;
  drained?: boolean;
  abandonCalls?: boolean;
  yes?: boolean;
  json?: boolean;
}

export function addSwitchover(program: Command, context: CliContext): void {
  program
    .command('switchover')
    .description('moves every VIP of a node with its calls, or (--drained) one drained VIP without any')
    .addOption(tableOption())
    .requiredOption('--vip <id>')
    .option('--to <node>', 'its new node; without it the most preferred one that is fit')
    .option('--drained', 'the VIP was drained: it moves alone, and its old holder goes on')
    .option(
      '--abandon-calls',
      'move although calls are lost: those that are left of a drained VIP, or all while the database is in trouble',
    )
    .option('--yes', 'do not ask')
    .option('--json', 'the forecast as JSON; without --yes nothing is done')
    .action((options: Options) => switchover(context, options));
}

async function switchover(context: CliContext, options: Options): Promise<void> {
  const store = context.storeOf(options.table);
  // The decision bears this machine's time, and what is seen is judged by it.
  if (await refusesClock(context, store)) return;
  const snapshot = await store.readCluster();
  return options.drained === true
    ? moveDrained(context, store, snapshot, options)
    : moveAll(context, store, snapshot, options);
}

async function moveAll(
  context: CliContext,
  store: StateStore,
  snapshot: ClusterSnapshot,
  options: Options,
): Promise<void> {
  const request = { ...wishOf(options), drained: false };
  const plan = planSwitchover(snapshot, request, context.clock.wallMs());
  if (plan.kind === 'refused') return tell(context, options, null, plan);
  const deps = operatorDeps(context, store, snapshot.topology);
  const forecast = await forecastSwitchover(deps.nodeControl, snapshot, plan.holder, plan.changes);
  if (options.json !== true) for (const line of forecast.lines) context.say(line);
  if (!(await mayGoOn(context, options, 'Switch over?', forecast))) return;
  tell(context, options, forecast, await requestSwitchover(deps, request, plan.changes));
}

async function moveDrained(
  context: CliContext,
  store: StateStore,
  snapshot: ClusterSnapshot,
  options: Options,
): Promise<void> {
  const request = wishOf(options);
  const plan = planSwitchover(snapshot, { ...request, drained: true }, context.clock.wallMs());
  if (plan.kind === 'refused') return tell(context, options, null, plan);
  const moves = plan.changes.map((change) => `${change.vipId}: ${plan.holder.nodeId} -> ${change.to.nodeId}`);
  if (options.json !== true) context.say([...moves, `${plan.holder.nodeId} goes on with its other VIPs`].join('\n'));
  if (!(await mayGoOn(context, options, 'Move it?', { moves }))) return;
  const deps = operatorDeps(context, store, snapshot.topology);
  tell(context, options, { moves }, await switchOverDrained(deps, request));
}

const wishOf = ({ vip, to, abandonCalls }: Options) => ({
  vipId: vip,
  toNodeId: to ?? null,
  abandonCalls: abandonCalls ?? false,
});

async function mayGoOn(context: CliContext, options: Options, question: string, forecast: object): Promise<boolean> {
  if (options.yes === true) return true;
  if (options.json !== true) return confirmed(context, question);
  context.say(JSON.stringify({ forecast, outcome: null }, null, 2));
  return false;
}

function tell(context: CliContext, options: Options, forecast: object | null, outcome: SwitchoverOutcome): void {
  if (options.json === true) context.say(JSON.stringify({ forecast, outcome }, null, 2));
  if (outcome.kind === 'refused') return context.fail(outcome.reasons);
  if (options.json !== true) {
    for (const move of outcome.moves)
      context.say(`decided ${move.transitionId}: ${move.vipId} goes to ${move.toNodeId}`);
    context.say('watch it with `understudy status`; its calls: `understudy calls --vip VIP`');
  }
  if (outcome.notDecided.length === 0) return;
  context.fail([
    ...outcome.notDecided.map(({ vipId, reasons }) => `NOT decided: ${vipId}: ${reasons.join('; ')}`),
    'one process serves all, so the others wait until these leave it, too: look at the status, and ask again for each ' +
      'that is still held (`understudy switchover --vip VIP`)',
  ]);
}
