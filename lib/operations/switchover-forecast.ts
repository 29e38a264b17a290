/** What a switchover would cost, shown before it is asked for: the calls of the node, and which of them are lost. */
import { describeError } from '../domain/errors';
import type { ClusterSnapshot, Holder, VipTopology } from '../domain/model';
import type { Forecast, NodeControl } from '../domain/ports';
import type { Change } from '../domain/decision';

/** Two zones' functions, each with a cold start in front of it. */
const FORECAST_TIMEOUT_MS = 8_000;

export interface SwitchoverForecast {
  /** VIP and the node it goes to. */
  moves: { vipId: string; fromNodeId: string; toNodeId: string }[];
  /** null when nobody could be asked. */
  forecast: Forecast | null;
  /** Calls with rows: those that a recovery may save. null when not known. */
  calls: number | null;
  /** Sessions not answered yet, and calls over connections: they end. null when not known. */
  lost: number | null;
  /** All of it for a human. */
  lines: string[];
}

/** Never throws: what could not be found out is said, and the operator decides. */
export async function forecastSwitchover(
  nodeControl: NodeControl,
  snapshot: ClusterSnapshot,
  holder: Holder,
  changes: readonly Change[],
): Promise<SwitchoverForecast> {
  const asked = await askForecast(nodeControl, snapshot, holder.nodeId);
  const moves = changes.map((change) => ({
    vipId: change.vipId,
    fromNodeId: holder.nodeId,
    toNodeId: change.to.nodeId,
  }));
  const { calls, lost, lines } = costOf(asked, snapshot.topology.database !== null);
  const names = moves.map((move) => move.vipId).join(', ');
  return {
    moves,
    forecast: 'why' in asked ? null : asked,
    calls,
    lost,
    lines: [
      ...moves.map((move) => `${move.vipId}: ${move.fromNodeId} -> ${move.toNodeId}`),
      `the process on ${holder.nodeId} ends by order (fsctl shutdown now), so every VIP of that node moves: ${names}`,
      ...lines,
      ...whereLockedOut(snapshot, holder.nodeId),
      'live calls of one VIP cannot be handed over alone; the other choice is `understudy drain --vip VIP`: ' +
        'no new calls there, and the VIP moves when its calls have ended',
    ],
  };
}

/** The node's answer about all the VIPs it holds, or why there is none. Never throws. */
export async function askForecast(
  nodeControl: NodeControl,
  { topology, vips }: ClusterSnapshot,
  nodeId: string,
): Promise<Forecast | { why: string }> {
  const node = topology.nodes.find((each) => each.id === nodeId);
  if (node === undefined) return { why: `${nodeId} is not part of the cluster any more` };
  const held: VipTopology[] = topology.vips.filter((vip) =>
    vips.some((state) => state.vipId === vip.id && state.holder?.nodeId === nodeId),
  );
  try {
    return await nodeControl.forecast(node, held, FORECAST_TIMEOUT_MS);
  } catch (error) {
    return { why: describeError(error) };
  }
}

/** Its rows are those from before that, and nobody knows more. */
function whereLockedOut({ topology, nodes }: ClusterSnapshot, nodeId: string): string[] {
  const lockedBy = nodes.find((node) => node.nodeId === nodeId)?.lockedBy ?? null;
  if (lockedBy === null || topology.database === null) return [];
  return [
    `${nodeId} is locked out of the database since ${lockedBy}: calls answered since then have no row, end with the move ` +
      'and count as not answered here; those that ended since then count as established',
  ];
}

interface Cost {
  calls: number | null;
  lost: number | null;
  lines: string[];
}

function costOf(asked: Forecast | { why: string }, hasDatabase: boolean): Cost {
  if ('why' in asked) return { calls: null, lost: null, lines: [`how many calls it has is not known: ${asked.why}`] };
  const unknown = asked.unknown.map((what) => `not known: ${what}`);
  if (!hasDatabase) {
    const sessions = asked.sessions === null ? 'all' : `all ${asked.sessions}`;
    return { calls: 0, lost: asked.sessions, lines: [`no call is kept without a database: ${sessions} sessions end`] };
  }
  if (asked.vips.length === 0 && asked.unknown.length > 0) return { calls: null, lost: null, lines: unknown };
  const sum = (of: (vip: Forecast['vips'][number]) => number): number =>
    asked.vips.reduce((total, vip) => total + of(vip), 0);
  const calls = sum((vip) => vip.calls);
  const connections = sum((vip) => vip.connectionOriented);
  const perVip = asked.vips.map((vip) => `${vip.vipId} ${vip.calls}`).join(', ');
  const unanswered = asked.unanswered === null ? 'an unknown number' : String(asked.unanswered);
  return {
    calls,
    lost: asked.unanswered === null ? null : asked.unanswered + connections,
    lines: [
      `${calls} established calls (${perVip}) are to be rebuilt on the new node`,
      `cannot be kept: ${unanswered} sessions that are not answered yet, ${connections} calls over TCP, TLS or WebSocket`,
      ...unknown,
    ],
  };
}
