/** `understudy explain`: what is seen, what follows, what a failover still needs, and what would happen if. */
import Table from 'cli-table3';
import type { Command } from 'commander';
import {
  explain,
  type Beside,
  type Explanation,
  type Failure,
  type Served,
  type VipExplanation,
} from '../../lib/domain/explain';
import type { Evidence, FailureEvent } from '../../lib/domain/failure-kinds';
import { assertNever } from '../../lib/domain/model';
import { tableOption, tableStyle, type CliContext } from './context';
import { presentJournals } from './present-journals';

interface Options {
  table: string;
  vip?: string;
  json?: boolean;
}

export function addExplain(program: Command, context: CliContext): void {
  program
    .command('explain')
    .description('why it is as it is: evidence, what a failover still needs, and what would happen if something failed')
    .addOption(tableOption())
    .option('--vip <id>', 'this VIP alone, with all its evidence')
    .option('--json')
    .action((options: Options) => run(context, options));
}

async function run(context: CliContext, options: Options): Promise<void> {
  const store = context.storeOf(options.table);
  const snapshot = await store.readCluster();
  const known = await presentJournals(context, store, snapshot);
  const whole = explain(snapshot, known, context.clock.wallMs());
  if (options.vip !== undefined && !whole.vips.some((vip) => vip.vipId === options.vip)) {
    return context.fail([`there is no VIP '${options.vip}': ${whole.vips.map((vip) => vip.vipId).join(', ')}`]);
  }
  const shown = options.vip === undefined ? whole : onlyOf(whole, options.vip);
  context.say(options.json === true ? JSON.stringify(shown, null, 2) : draw(context, shown, options.vip !== undefined));
}

/** The same of one VIP; the headline, and what befalls zones and nodes, stay those of the cluster. */
function onlyOf(whole: Explanation, vipId: string): Explanation {
  return {
    ...whole,
    events: whole.events.filter((event) => event.vipIds.includes(vipId)),
    vips: whole.vips.filter((vip) => vip.vipId === vipId),
    whatIf: whole.whatIf.map((each) => ({
      ...each,
      effects: each.effects.filter((effect) => effect.vipId === vipId),
    })),
  };
}

function draw(context: CliContext, shown: Explanation, inDetail: boolean): string {
  return [
    shown.headline,
    '',
    `cluster ${shown.cluster}, ${new Date(shown.atMs).toISOString()}${shown.paused === null ? '' : `, PAUSED: ${shown.paused}`}`,
    ...shown.events.map(drawEvent),
    ...shown.incidents.flatMap(drawIncident),
    ...shown.vips.flatMap((vip) => ['', ...drawVip(vip, inDetail)]),
    '',
    'What would happen now:',
    drawWhatIf(context, shown),
  ].join('\n');
}

function drawEvent({ kind, zone, vipIds, conclusive, justifies, why }: FailureEvent): string {
  const where = zone === null ? kind : `${kind} ${zone}`;
  const sure = conclusive ? 'shown' : 'suspected';
  return `failure: ${where} (${vipIds.join(', ')}), ${sure}, justifies ${justifies}: ${why[0] ?? ''}`;
}

function drawIncident({ of, says, reasons }: Beside): string[] {
  return [`incident: ${of} ${says}`, ...reasons.map((reason) => `  ${reason}`)];
}

const SERVED: Record<Served, string> = {
  yes: 'callers are served',
  no: 'callers are NOT served',
  unknown: 'nobody can tell whether callers are served',
};

function drawVip(vip: VipExplanation, inDetail: boolean): string[] {
  const { classification, decision } = vip;
  const isCalm = classification.kind === 'none' && classification.gray === null;
  const line = (name: string, text: string): string => `  ${name.padEnd(11)}${text}`;
  return [
    `VIP ${vip.vipId}: ${vip.status}, on ${vip.holder ?? 'nobody'} (epoch ${vip.epoch}); ${SERVED[vip.served]}`,
    ...(vip.nameBehind === null ? [] : [line('name', vip.nameBehind)]),
    line('standby', vip.standby ?? 'NONE'),
    line('failure', `${classification.kind}${classification.conclusive ? '' : ' (not conclusive)'}`),
    ...(classification.gray === null ? [] : [line('gray', classification.gray)]),
    ...classification.why.map((why) => line('', why)),
    line('justifies', classification.justifies),
    line('decision', decision.does),
    ...decision.reasons.map((reason) => line('', reason)),
    ...vip.missingForFailover.map((each, index) => line(index === 0 ? 'missing' : '', each)),
    ...(isCalm && !inDetail
      ? [line('evidence', inShort(classification.evidence))]
      : classification.evidence.map((each, index) => line(index === 0 ? 'evidence' : '', drawEvidence(each)))),
  ];
}

function inShort(evidence: readonly Evidence[]): string {
  const count = (weighs: Evidence['weighs']): number => evidence.filter((each) => each.weighs === weighs).length;
  return `${count('for')} for the holder, ${count('against')} against it; --vip shows all`;
}

function drawEvidence({ source, zone, says, weighs }: Evidence): string {
  return `${weighs.padEnd(8)} ${source.padEnd(9)} ${zone === null ? '' : `${zone}  `}${says}`;
}

function drawWhatIf(context: CliContext, { whatIf }: Explanation): string {
  const table = new Table({ ...tableStyle(context), head: ['if', 'then'], wordWrap: true, colWidths: [44, 76] });
  const rows: { names: string[]; then: string }[] = [];
  for (const { failure, effects } of whatIf) {
    const then = drawEffects(effects);
    const last = rows.at(-1);
    // What differs in name alone is one line: whoever reads it at night reads it once.
    if (last?.then === then) last.names.push(nameOf(failure));
    else rows.push({ names: [nameOf(failure)], then });
  }
  for (const { names, then } of rows) table.push([names.join('\n'), then]);
  return table.toString();
}

function nameOf(failure: Failure): string {
  switch (failure.kind) {
    case 'node':
      return { killed: 'killed: ', frozen: 'frozen: ', 'host-lost': 'host lost: ' }[failure.how] + failure.nodeId;
    case 'zone':
      return `zone lost: ${failure.zone}`;
    case 'store':
      return 'the table (DynamoDB) is away';
    case 'database':
      return failure.sip === 'answers' ? 'the database is away' : 'the database is away, and SIP hangs on it';
    default:
      return assertNever(failure);
  }
}

/** VIPs that fare alike share a line. */
function drawEffects(effects: readonly { vipId: string; says: string }[]): string {
  const said = [...new Set(effects.map((effect) => effect.says))];
  return said
    .map((says) => {
      const vipIds = effects.filter((effect) => effect.says === says).map((effect) => effect.vipId);
      return `VIP ${vipIds.join(', ')}: ${says}`;
    })
    .join('\n');
}
