/** `understudy status`: who holds what, what the observers see, and what would happen now. */
import Table from 'cli-table3';
import type { Command } from 'commander';
import { standbysInWords } from '../../lib/domain/standbys';
import { clusterStatus, type ClusterStatus, type NodeStatus, type VipStatus } from '../../lib/operations/status';
import { tableOption, tableStyle, type CliContext } from './context';
import { presentJournals } from './present-journals';

interface Options {
  table: string;
  vip?: string;
  json?: boolean;
}

export function addStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('who holds what, what the observers see, and what would happen now')
    .addOption(tableOption())
    .option('--vip <id>')
    .option('--json')
    .action((options: Options) => status(context, options));
}

async function status(context: CliContext, options: Options): Promise<void> {
  const store = context.storeOf(options.table);
  const snapshot = await store.readCluster();
  const known = await presentJournals(context, store, snapshot);
  const shown = clusterStatus(snapshot, known, context.clock.wallMs());
  context.say(options.json === true ? JSON.stringify(shown, null, 2) : draw(context, shown, options.vip));
}

function draw(context: CliContext, shown: ClusterStatus, vipId: string | undefined): string {
  const vips = new Table({
    ...tableStyle(context),
    head: ['VIP', 'state', 'holder', 'epoch', 'standbys', 'judgement'],
    wordWrap: true,
    colWidths: [null, null, null, null, null, 60],
  });
  const chosen = shown.vips.filter((each) => vipId === undefined || each.vipId === vipId);
  for (const vip of chosen) {
    vips.push([
      vip.vipId,
      vip.paused ? `paused${until(vip)}` : vip.status,
      vip.holder,
      vip.epoch,
      standbysInWords({ byItself: vip.standbys, byHandOnly: vip.standbysByHandOnly }),
      vip.judgement,
    ]);
  }
  const paused = shown.paused === null ? '' : `  PAUSED${until(shown)}: ${shown.paused}`;
  return [
    `cluster ${shown.cluster}${paused}`,
    vips.toString(),
    ...chosen.flatMap(drawStuck),
    ...chosen.flatMap(drawBlock),
    drawNodes(context, shown.nodes),
    ...drawDatabase(shown),
    ...shown.incidents.map(({ of, says }) => `incident: ${of}, ${says}`),
    ...shown.openSteps.map(
      (step) => `open: ${step.transitionId} step ${step.step}, ${step.attempts} attempts: ${step.error}`,
    ),
  ].join('\n');
}

function drawStuck({ vipId, stuck }: VipStatus): string[] {
  if (stuck === null) return [];
  const next = stuck.isAcknowledged
    ? 'a human has acknowledged it'
    : `do what \`explain --vip ${vipId}\` names, then \`acknowledge --vip ${vipId}\``;
  return [`${vipId}: stuck since ${new Date(stuck.sinceMs).toISOString()}: ${next}`];
}

function drawBlock({ vipId, blockedUntilMs }: VipStatus): string[] {
  if (blockedUntilMs === null) return [];
  const end = new Date(blockedUntilMs).toISOString();
  return [`${vipId}: no second failover by itself before ${end}, unless you \`acknowledge --vip ${vipId}\``];
}

function drawNodes(context: CliContext, nodes: readonly NodeStatus[]): string {
  const table = new Table({
    ...tableStyle(context),
    head: ['node', 'seen from', 'ESL', 'SIP', 'clock', 'age', 'note'],
  });
  for (const node of nodes) {
    const paused = node.paused ? `PAUSED${until(node)}` : '';
    const state = [paused, node.lockedBy === null ? '' : `out of service since ${node.lockedBy}`];
    const notes = state.filter((word) => word !== '');
    if (node.seen.length === 0) table.push([node.nodeId, 'nobody', '', '', '', '', notes.join(', ')]);
    for (const seen of node.seen) {
      const note = [...notes, seen.note].filter((word) => word !== '').join(', ');
      const clock = seen.clockOffsetMs === null ? '?' : `${signed(seen.clockOffsetMs)} ms`;
      table.push([node.nodeId, seen.zone, seen.esl, seen.sip, clock, `${(seen.ageMs / 1000).toFixed(1)} s`, note]);
    }
  }
  return table.toString();
}

function drawDatabase({ database }: ClusterStatus): string[] {
  if (database.length === 0) return [];
  const seen = database.map(({ zone, verdict, detail, ageMs }) => {
    const why = verdict === 'ok' ? '' : ` (${detail})`;
    return `${zone} ${verdict}${why}, ${(ageMs / 1000).toFixed(1)} s ago`;
  });
  return [`database as seen from ${seen.join('; ')}`];
}

function until({ pausedUntilMs }: { pausedUntilMs: number | null }): string {
  return pausedUntilMs === null ? '' : ` until ${new Date(pausedUntilMs).toISOString()}`;
}

function signed(ms: number): string {
  return `${ms > 0 ? '+' : ''}${Math.round(ms)}`;
}
