#!/usr/bin/env node
/** The operator's command: what the pages tell their reader to type. Speaks to the cluster's table alone. */
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { OutsideCalls } from '../lib/aws/call';
import { dynamoDbClient } from '../lib/aws/clients';
import { DynamoStateStore } from '../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { describeError } from '../lib/domain/errors';
import type { Log } from '../lib/domain/ports';
import { clusterStatus, type ClusterStatus } from '../lib/operations/status';

const clock = new SystemClock();
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain: Log = {
  info: () => undefined,
  warn: (message) => void process.stderr.write(`${message}\n`),
  error: (message) => void process.stderr.write(`${message}\n`),
};

interface Target {
  table: string;
  vip?: string;
  node?: string;
  reason?: string;
  json?: boolean;
}

function storeOf(target: Target): DynamoStateStore {
  const calls = new OutsideCalls(clock, new SystemRandom());
  return new DynamoStateStore({ client: dynamoDbClient(), tableName: target.table, calls, log: complain });
}

function subjectOf(target: Target): { kind: 'cluster' } | { kind: 'vip' | 'node'; id: string } {
  if (target.vip !== undefined) return { kind: 'vip', id: target.vip };
  return target.node === undefined ? { kind: 'cluster' } : { kind: 'node', id: target.node };
}

async function audited(
  target: Target,
  action: string,
  work: (store: DynamoStateStore) => Promise<void>,
): Promise<void> {
  const store = storeOf(target);
  await work(store);
  const subject = subjectOf(target);
  const name = subject.kind === 'cluster' ? 'the cluster' : `${subject.kind} ${subject.id}`;
  const actor = `operator/${process.env['USER'] ?? 'unknown'}`;
  await store.audit({ atMs: clock.wallMs(), actor, action, subject: name, detail: target.reason ?? '' });
  say(`${action}: ${name}`);
}

async function status(target: Target): Promise<void> {
  const store = storeOf(target);
  const snapshot = await store.readCluster();
  const moving = snapshot.vips.filter((vip) => vip.status === 'moving');
  const journals = await Promise.all(moving.map((vip) => store.readTransition(vip.vipId, vip.epoch)));
  const open = journals.filter((journal) => journal !== null);
  const shown = clusterStatus(snapshot, open, clock.wallMs());
  say(target.json === true ? JSON.stringify(shown, null, 2) : draw(shown, target.vip));
}

/** cli-table3 colours its heads and borders wherever it writes; a file or a pipe wants the words alone. */
const plain = process.stdout.isTTY !== true || process.env['NO_COLOR'] !== undefined;
const style = plain ? { style: { head: [], border: [] } } : {};

function draw(shown: ClusterStatus, vipId: string | undefined): string {
  const vips = new Table({
    ...style,
    head: ['VIP', 'state', 'holder', 'epoch', 'standbys', 'judgement'],
    wordWrap: true,
    colWidths: [null, null, null, null, null, 60],
  });
  for (const vip of shown.vips.filter((each) => vipId === undefined || each.vipId === vipId)) {
    vips.push([
      vip.vipId,
      vip.paused ? 'paused' : vip.status,
      vip.holder,
      vip.epoch,
      vip.standbys.join(', ') || 'NONE',
      vip.judgement,
    ]);
  }
  const nodes = new Table({ ...style, head: ['node', 'seen from', 'ESL', 'SIP', 'age', 'note'] });
  for (const node of shown.nodes) {
    for (const seen of node.seen) {
      nodes.push([node.nodeId, seen.zone, seen.esl, seen.sip, `${(seen.ageMs / 1000).toFixed(1)} s`, seen.note]);
    }
  }
  const paused = shown.paused === null ? '' : `  PAUSED: ${shown.paused}`;
  return `cluster ${shown.cluster}${paused}\n${vips.toString()}\n${nodes.toString()}`;
}

const table = (): Option =>
  new Option('--table <name>', "the cluster's DynamoDB table (output TableName of its State stack)")
    .env('UNDERSTUDY_TABLE')
    .makeOptionMandatory();
const program = new Command('understudy').description(
  'Looks at a cluster and tells the control plane what a human decided.',
);
program
  .command('status')
  .description('who holds what, what the observers see, and what would happen now')
  .addOption(table())
  .option('--vip <id>')
  .option('--json')
  .action(status);
program
  .command('acknowledge')
  .description('lifts the block after a failover, and starts a stuck transition anew')
  .addOption(table())
  .requiredOption('--vip <id>')
  .action((target: Target) =>
    audited(target, 'acknowledged', (store) => store.acknowledge(target.vip ?? '', clock.wallMs())),
  );
for (const paused of [true, false]) {
  program
    .command(paused ? 'pause' : 'resume')
    .description(paused ? 'no automatic action from now on' : 'automatic actions again')
    .addOption(table())
    .option('--vip <id>', 'one VIP instead of the cluster')
    .option('--node <id>', 'one node instead of the cluster')
    .option('--reason <text>', 'for the audit', 'not given')
    .action((target: Target) =>
      audited(target, paused ? 'paused' : 'resumed', (store) =>
        store.setPaused(subjectOf(target), paused, paused ? (target.reason ?? null) : null),
      ),
    );
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
});
