/**
 * Intermittent loss: the holder answers, and again and again what it is asked gets lost. No silence lasts long enough to
 * be suspected, and callers hear it all the same. A human is told; nothing is torn down for a node that answers. Pure.
 */
import { incident, none, type Decision } from './decision';
import { HISTORY_LOOKS } from './misses';
import { quorumOf, type ClusterSnapshot, type Holder, type Observation, type Topology, type VipState } from './model';
import { votesOn } from './votes';

/** How many of the remembered looks missed, and in how many separate silences: one alone is an outage that is over. */
interface Loss {
  misses: number;
  silences: number;
}

/** Two looks in five: no call sounds well over such a path. */
const isHeavy = ({ misses, silences }: Loss): boolean => misses >= 12 && silences >= 4;

/** Far below, so that loss that comes and goes is one incident and not many. */
const isOver = ({ misses, silences }: Loss): boolean => misses <= 2 || silences <= 1;

/** Not well, and an incident where it is heavy; null where hardly a look is missed. */
export function whenLossy(snapshot: ClusterSnapshot, state: VipState, holder: Holder, nowMs: number): Decision | null {
  const { topology } = snapshot;
  const seen = lossesSeen(snapshot, state, holder, nowMs);
  const needed = quorumOf(topology.observers.length);
  const troubled = seen.filter(({ loss }) => !isOver(loss));
  if (troubled.length < needed) return null;
  const zones = troubled.map(({ zone, loss }) => `${zone}: ${loss.misses} in ${loss.silences} silences`).join(', ');
  const says = `answers of ${holder.nodeId} get lost: of the last ${HISTORY_LOOKS} looks missed ${zones}`;
  if (!isLossy(snapshot, state, holder, nowMs)) return none(state.vipId, says);
  const reasons = [says, ...databaseIn(seen), 'it answers between them, so it is neither suspected nor torn down'];
  return incident(state.vipId, state, 'gray-failure', nowMs, reasons, holder.nodeId);
}

/** A majority of the configured observers sees heavy loss. */
export function isLossy(snapshot: ClusterSnapshot, state: VipState, holder: Holder, nowMs: number): boolean {
  const heavy = lossesSeen(snapshot, state, holder, nowMs).filter(({ loss }) => isHeavy(loss));
  return heavy.length >= quorumOf(snapshot.topology.observers.length);
}

/** Registrations run SQL in the thread that answers OPTIONS (FACTS 8.6): then the database is what is to be mended. */
function databaseIn(seen: readonly Seen[]): string[] {
  return seen.flatMap(({ zone, database }) =>
    database === null || database.verdict === 'ok'
      ? []
      : [`${zone}: the shared database is ${database.verdict} (${database.detail}), and SIP waits for it`],
  );
}

interface Seen {
  zone: string;
  loss: Loss;
  database: Observation['database'];
}

/** By each observer with a vote: the worse of its two signals. What was before this holder took over is not its own. */
function lossesSeen(
  { topology, observations }: ClusterSnapshot,
  state: VipState,
  holder: Holder,
  nowMs: number,
): Seen[] {
  if (nowMs - state.changedAtMs < remembersMs(topology)) return [];
  return votesOn(topology, observations, state, holder, nowMs).map(({ zone, observation }) => {
    const losses = [observation.eslHistory, observation.sipHistory[state.vipId] ?? 0].map(lossIn);
    const loss = losses.reduce((one, other) => (other.misses > one.misses ? other : one));
    return { zone, loss, database: observation.database };
  });
}

const remembersMs = ({ policy }: Topology): number => HISTORY_LOOKS * policy.probeIntervalMs;

function lossIn(history: number): Loss {
  const misses = bitsOf(history);
  /** A look that missed, and the one before it did not. */
  const silences = bitsOf(history & ~(history >>> 1));
  return { misses, silences };
}

function bitsOf(history: number): number {
  let bits = 0;
  for (let left = history; left !== 0; left >>>= 1) bits += left & 1;
  return bits;
}
