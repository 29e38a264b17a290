/** `understudy calls --preview`: what a recovery would do with the holder's rows. A dry run: nothing is changed. */
import type { IncarnationRows, PreviewResult } from '../../lib/domain/ports';
import { previewRecovery, type RecoveryPreview } from '../../lib/operations/recovery-preview';
import type { CliContext } from './context';

export interface PreviewOptions {
  table: string;
  vip: string;
  to?: string;
  json?: boolean;
}

type KnownPreview = Extract<PreviewResult, { known: true }>;

export async function preview(context: CliContext, options: PreviewOptions): Promise<void> {
  const snapshot = await context.storeOf(options.table).readCluster();
  const request = { vipId: options.vip, toNodeId: options.to ?? null };
  const nodeControl = context.nodeControlOf(snapshot.topology);
  const outcome = await previewRecovery(nodeControl, snapshot, request, context.clock.wallMs());
  if (options.json === true) context.say(JSON.stringify(outcome, null, 2));
  if (outcome.kind === 'refused') return context.fail(outcome.reasons);
  const { result } = outcome;
  if (!result.known) {
    return context.fail([`what a recovery on ${outcome.toNodeId} would do is not known: ${result.reason}`]);
  }
  if (options.json !== true) context.say(draw(outcome, result).join('\n'));
}

function draw({ vipId, fromNodeId, toNodeId, unfit }: RecoveryPreview, result: KnownPreview): string[] {
  return [
    `${vipId}: what a recovery on ${toNodeId} would do with the rows of ${fromNodeId} now; nothing was changed`,
    ...result.recovered.map((each) => `rebuilt      ${describe(each)}`),
    `left alone   ${describe(result.own)}, of ${toNodeId} itself`,
    ...result.foreign.map((each) => `moved aside  ${describe(each)}: of no fenced incarnation`),
    ...drawRewriting(result),
    ...(unfit === null ? [] : [`not now      a failover would not take ${toNodeId}: ${unfit}`]),
    ...(result.obstacle === null ? [] : [`not now      ${toNodeId} would refuse: ${result.obstacle}`]),
  ];
}

function drawRewriting({ way, rewritten, differences, examples }: KnownPreview): string[] {
  const how =
    way === 'A' ? 'one service address on every node, rows stay as they are' : 'rows get the address of the node';
  return [
    `way ${way}        ${how}; ${rewritten} to be rewritten`,
    ...differences.map(({ variable, from, to, rows }) => `difference   ${variable} ${from} -> ${to}: ${rows} rows`),
    ...examples.flatMap(({ uuid, changes }) => [
      `example      ${uuid}`,
      ...changes.flatMap(({ variable, from, to }) => [
        `  - <${variable}>${from}</${variable}>`,
        `  + <${variable}>${to}</${variable}>`,
      ]),
    ]),
  ];
}

function describe({ coreUuid, rows, calls, connectionOriented }: IncarnationRows): string {
  const lost = connectionOriented === 0 ? '' : `, ${connectionOriented} of them over TCP, TLS or WebSocket`;
  return `${coreUuid ?? 'rows without a core_uuid'}: ${rows} rows, ${calls} calls${lost}`;
}
