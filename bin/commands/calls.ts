/** `understudy calls`: the survival ledger of one change of holder, or a dry run of the next one. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CallsLedger, StepRecord, Transition } from '../../lib/domain/model';
import { preview } from './calls-preview';
import { tableOption, type CliContext } from './context';

interface Options {
  table: string;
  vip: string;
  epoch?: number;
  preview?: boolean;
  to?: string;
  json?: boolean;
}

export function addCalls(program: Command, context: CliContext): void {
  program
    .command('calls')
    .description('what became of the calls in a change of holder, or (--preview) what a recovery would do now')
    .addOption(tableOption())
    .requiredOption('--vip <id>')
    .option('--epoch <number>', "without it the VIP's present one", naturalNumber)
    .option('--preview', "a dry run: what a recovery would do with the holder's rows, and what it would rewrite")
    .option('--to <node>', 'with --preview: on this node; without it on the one that a failover would take now')
    .option('--json')
    .action((options: Options) => choose(context, options));
}

function choose(context: CliContext, options: Options): Promise<void> | void {
  if (options.preview !== true && options.to !== undefined) return context.fail(['--to goes with --preview']);
  if (options.preview !== true) return calls(context, options);
  if (options.epoch !== undefined) return context.fail(['--epoch is of the past, and --preview of what would come']);
  return preview(context, options);
}

async function calls(context: CliContext, options: Options): Promise<void> {
  const store = context.storeOf(options.table);
  const epoch = options.epoch ?? (await store.readStanding(options.vip, context.clock.wallMs())).epoch;
  const journal = await store.readTransition(options.vip, epoch);
  if (journal === null) {
    return context.fail([`there is no journal ${options.vip}#${epoch}: it never was, or is more than 10 years old`]);
  }
  const { id, calls: ledger } = journal;
  context.say(options.json === true ? JSON.stringify({ id, calls: ledger }, null, 2) : draw(journal));
}

function draw(journal: Transition): string {
  const from = journal.from?.nodeId ?? 'nobody';
  const head = `${journal.id}: ${journal.kind} from ${from} to ${journal.to.nodeId}, ${journal.cause}, ${journal.status}`;
  const { recover, ledger } = journal.steps;
  const counted = journal.calls === null ? ['no calls were counted'] : drawLedger(journal.calls);
  return [head, drawStep('recovery', recover), ...counted, drawStep('ledger', ledger)].join('\n');
}

function drawStep(what: string, { status, error, proof }: StepRecord): string {
  return `${what} ${status}: ${error ?? proof ?? 'not tried yet'}`;
}

function drawLedger(ledger: CallsLedger): string[] {
  const known = (count: number | null): string => (count === null ? 'not known yet' : String(count));
  return [
    `calls before       ${ledger.before} (${ledger.legsBefore} legs)`,
    `resurrected        ${known(ledger.resurrected)}`,
    `alive after 5 s    ${known(ledger.aliveAfter5s)}`,
    `alive after 30 s   ${known(ledger.aliveAfter30s)}`,
    `confirmed          ${known(ledger.confirmed)}`,
    ...ledger.lost.map(({ reason, count }) => `lost               ${count}: ${reason}`),
    ...ledger.notes.map((note) => `note               ${note}`),
  ];
}

function naturalNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('an epoch is a number from 1 on.');
  return value;
}
