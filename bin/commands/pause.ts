/** `understudy acknowledge`, `pause` and `resume`: what a human tells the control plane, with an audit event each. */
import type { Command } from 'commander';
import type { StateStore } from '../../lib/domain/ports';
import { actorOf, tableOption, type CliContext } from './context';

interface Options {
  table: string;
  vip?: string;
  node?: string;
  reason?: string;
}

export function addAcknowledge(program: Command, context: CliContext): void {
  program
    .command('acknowledge')
    .description('lifts the block after a failover, and starts a stuck transition anew')
    .addOption(tableOption())
    .requiredOption('--vip <id>')
    .action((options: Options) =>
      audited(context, options, 'acknowledged', (store) =>
        store.acknowledge(options.vip ?? '', context.clock.wallMs()),
      ),
    );
}

export function addPauseAndResume(program: Command, context: CliContext): void {
  for (const paused of [true, false]) {
    program
      .command(paused ? 'pause' : 'resume')
      .description(paused ? 'no automatic action from now on' : 'automatic actions again')
      .addOption(tableOption())
      .option('--vip <id>', 'one VIP instead of the cluster')
      .option('--node <id>', 'one node instead of the cluster')
      .option('--reason <text>', 'for the audit', 'not given')
      .action((options: Options) =>
        audited(context, options, paused ? 'paused' : 'resumed', (store) =>
          store.setPaused(subjectOf(options), paused, paused ? (options.reason ?? null) : null),
        ),
      );
  }
}

function subjectOf(options: Options): { kind: 'cluster' } | { kind: 'vip' | 'node'; id: string } {
  if (options.vip !== undefined) return { kind: 'vip', id: options.vip };
  return options.node === undefined ? { kind: 'cluster' } : { kind: 'node', id: options.node };
}

async function audited(
  context: CliContext,
  options: Options,
  action: string,
  work: (store: StateStore) => Promise<void>,
): Promise<void> {
  const store = context.storeOf(options.table);
  await work(store);
  const subject = subjectOf(options);
  const name = subject.kind === 'cluster' ? 'the cluster' : `${subject.kind} ${subject.id}`;
  const detail = options.reason ?? '';
  await store.audit({ atMs: context.clock.wallMs(), actor: actorOf(context), action, subject: name, detail });
  context.say(`${action}: ${name}`);
}
