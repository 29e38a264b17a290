/**
 * Intermittent loss: the holder answers, and again and again what it is asked gets lost. No silence lasts long enough to
 * be suspected, and callers hear it all the same. A human is told; nothing is torn down for a node that answers. Pure.
 */
import { incident, type Decision } from './decision';
import { HISTORY_LOOKS } from './misses';
import { quorumOf, type ClusterSnapshot, type Holder, type Observation, type VipState } from './model';
import { votesOn } from './votes';

/** How many of the remembered looks missed, and in how many separate silences: one alone is an outage that is over. */
interface Loss {
  misses: number;
  silences: number;
}

/** Two looks in five. After a miss the next look comes at once, so that it is a smaller share of the time. */
const isHeavy = ({ misses, silences }: Loss): boolean => misses >= 12 && silences >= 4;

/** Far below, so that loss that comes and goes is one incident and not many. */
const isOver = ({ misses, silences }: Loss): boolean => misses <= 2 || silences <= 1;

/** The incident for heavy loss that a majority sees; null where it does not. */
export function pageForLoss(
  snapshot: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): Decision | null {
  const heavy = lossesSeen(snapshot, state, holder, nowMs).filter(({ losses }) => losses.some(isHeavy));
  if (heavy.length < quorumOf(snapshot.topology.observers.length)) return null;
  const zones = heavy.map(({ observation, losses }) => `${observation.zone}: ${inWords(losses)}`).join(', ');
  const reasons = [
    `answers of ${holder.nodeId} get lost: of the last ${HISTORY_LOOKS} looks missed ${zones}`,
    ...databaseIn(heavy),
    'it answers between them, so it is neither suspected nor torn down',
  ];
  return incident(state.vipId, state, 'gray-failure', nowMs, reasons, holder.nodeId);
}

/** Whether what was told of loss still holds: less is lost, and for a majority it is not over. */
export function lossLingers(snapshot: ClusterSnapshot, state: VipState, holder: Holder, nowMs: number): boolean {
  const seen = lossesSeen(snapshot, state, holder, nowMs);
  const over = seen.filter(({ losses }) => losses.every(isOver));
  return seen.length > 0 && over.length < quorumOf(snapshot.topology.observers.length);
}

/** Whether this observer finds nothing of it any more, by either signal. */
export function isLossOver(observation: Observation, vipId: string): boolean {
  return lossesIn(observation, vipId).every(isOver);
}

interface Seen {
  observation: Observation;
  /** By the event socket, and by SIP. */
  losses: Loss[];
}

/** By each observer with a vote. What was before this holder took over is not its own. */
function lossesSeen(
  { topology, observations }: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): Seen[] {
  const remembersMs = HISTORY_LOOKS * topology.policy.probeIntervalMs;
  if (nowMs - state.changedAtMs < remembersMs) return [];
  return votesOn(topology, observations, state, holder, nowMs).map(({ observation }) => ({
    observation,
    losses: lossesIn(observation, state.vipId),
  }));
}

function lossesIn({ eslHistory, sipHistory }: Observation, vipId: string): Loss[] {
  return [eslHistory, sipHistory[vipId] ?? 0].map((history) => ({
    misses: bitsOf(history),
    // A look that missed, and the one before it did not.
    silences: bitsOf(history & ~(history >>> 1)),
  }));
}

function bitsOf(history: number): number {
  let bits = 0;
  for (let left = history; left !== 0; left >>>= 1) bits += left & 1;
  return bits;
}

function inWords(losses: readonly Loss[]): string {
  const worst = losses.filter(isHeavy).reduce((one, other) => (other.misses > one.misses ? other : one));
  return `${worst.misses} in ${worst.silences} silences`;
}

/** Registrations run SQL in the thread that answers OPTIONS (FACTS 8.6): then the database is what is to be mended. */
function databaseIn(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ observation: { zone, database } }) =>
    database === null || database.verdict === 'ok'
      ? []
      : [`${zone}: the shared database is ${database.verdict} (${database.detail}), and SIP waits for it`],
  );
}
