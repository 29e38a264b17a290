/** What must hold of a decision in the moment in which it is written. Checked without the code that decided. */
import {
  quorumOf,
  type Observation,
  type Policy,
  type Topology,
  type Transition,
  type VipState,
} from '../../domain/model';
import { EPOCH_MS } from '../kernel/kernel';
import { vipsLeaving } from '../world/leaving';
import type { World } from '../world/world';
import type { Left, Made } from './made';
import { whyTooSoon } from './silence';
import { freshAgainstMs, votesOn } from './votes';

export interface DecisionInvariant {
  invariant: string;
  /** null, or how it is broken. */
  broken: (made: Made, world: World) => string | null;
}

/** Observers' clocks are stepped by up to twenty seconds, and each judges by its own. */
const CLOCKS_APART_MS = 60_000;

/** A question to the database that has waited for so long tells of it; each look asks one unless one waits already. */
const SLOW_AFTER_MS = 500;

const LIVES: ReadonlySet<string> = new Set(['ok', 'paused']);

/** They leave a holder: the others find one, or promote it where it is. */
const TEARS_DOWN: ReadonlySet<string> = new Set(['failover', 'switchover', 'failback']);

const AGAINST_HOLDER: ReadonlySet<string> = new Set(['conclusive-death', 'suspected-death', 'sip-stuck']);

export const DECISION_INVARIANTS: readonly DecisionInvariant[] = [
  {
    invariant: '2. a decision is made only from fresh observations of a majority of the configured observers',
    broken: ({ transition }, world) => {
      const { topology } = world.table;
      const against = AGAINST_HOLDER.has(transition.cause) || transition.cause === 'candidate-died';
      if (topology === null || !against || transition.from === null) return null;
      const { nodeId, coreUuid } = transition.from;
      const votes = votesOn(world, transition, { nodeId, maxAgeMs: freshAgainstMs(topology.policy) }, (seen) => {
        // Or it moves for the sake of another one on its node.
        const isUnserved = [transition.vipId, ...vipsLeaving(world, nodeId)].some((id) => saysUnserved(seen, id));
        const isUnpromotable = transition.cause === 'candidate-died' && takesNoOrder(seen, topology.policy);
        const isAnother = coreUuid !== null && seen.esl.coreUuid !== null && seen.esl.coreUuid !== coreUuid;
        return isUnserved || isUnpromotable || isAnother;
      });
      const needed = quorumOf(topology.observers.length);
      return votes >= needed ? null : `${transition.id} (${transition.cause}): ${votes} of ${needed} votes`;
    },
  },
  {
    invariant:
      '2. a death is one where both signals went together, and silence speaks after so many misses of so many looks, ' +
      'and where not everybody agrees after dissentHold',
    broken: whyTooSoon,
  },
  {
    invariant: '2. a node is promoted again only where a majority reads another process there, or sees it in standby',
    broken: ({ transition: { id, cause, vipId, from, to, ...transition }, before }, world) => {
      const { topology } = world.table;
      if (topology === null || from === null || (cause !== 'restarted' && cause !== 'holder-in-standby')) return null;
      // It was seen when that one was decided, and a human said to go on.
      if (goesOnFromStuck(before, world)) return null;
      const candidate = { nodeId: to.nodeId, maxAgeMs: topology.policy.freshForMs };
      const votes = votesOn(world, transition, candidate, ({ esl: { coreUuid }, sip }) =>
        cause === 'restarted' ? coreUuid !== null && coreUuid !== from.coreUuid : sip[vipId]?.verdict === 'standby',
      );
      const needed = quorumOf(topology.observers.length);
      return votes >= needed ? null : `${id} (${cause}): ${votes} of ${needed} votes`;
    },
  },
  {
    invariant: '9. nothing is torn down without a candidate that a majority of the configured observers sees fit',
    broken: ({ transition, before }, world) => {
      const { topology } = world.table;
      if (topology === null || !TEARS_DOWN.has(transition.kind)) return null;
      const candidate = { nodeId: transition.to.nodeId, maxAgeMs: topology.policy.freshForMs };
      // A second try that stays where the VIP is already tears nothing down: who lives there and is paused or full, or whose
      // SIP waits for its database, is waited for.
      const stays = before.holder?.nodeId === candidate.nodeId;
      const votes = votesOn(
        world,
        transition,
        candidate,
        (seen) => saysFit(seen, transition.vipId) || (stays && LIVES.has(seen.esl.verdict)),
      );
      const needed = quorumOf(topology.observers.length);
      return votes >= needed ? null : `${transition.id}: ${votes} of ${needed} see ${transition.to.nodeId} fit`;
    },
  },
  {
    invariant: '7. a database that is slow or away is not a dead SIP stack',
    broken: ({ transition }, world) => {
      const { topology } = world;
      if (transition.cause !== 'sip-stuck' || transition.from === null || topology === null) return null;
      const troubledForMs = world.nodeWorld.databaseTroubleForMs();
      if (topology.database === null || troubledForMs === 0) return null;
      // Whoever waits for its database is as silent as whoever is stuck: what befell the stack itself is the truth.
      const { process } = world.switchOf(transition.from.nodeId);
      const leaving = [transition.vipId, ...vipsLeaving(world, transition.from.nodeId)];
      const isStuck = leaving.some((id) => process?.isSipStuck(id) === true);
      return !isStuck && knowingOf(transition, transition.from.nodeId, troubledForMs, topology, world)
        ? `${transition.id}: SIP of ${transition.from.nodeId} was silent because of the database`
        : null;
    },
  },
  {
    invariant: '8. paused means paused',
    broken: ({ transition, before }, { table }) => {
      const { control } = table;
      const at = transition.decidedAtMs;
      const isOff = (item: { paused: boolean; pausedUntilMs: number | null } | null | undefined): boolean =>
        item !== null && item !== undefined && item.paused && (item.pausedUntilMs === null || at < item.pausedUntilMs);
      const target = table.nodes.get(transition.to.nodeId);
      if (isOff(control)) return `${transition.id}: the cluster is paused`;
      if (isOff(before)) return `${transition.id}: the VIP is paused`;
      if (isOff(target)) return `${transition.id}: ${transition.to.nodeId} is paused`;
      const holder = table.nodes.get(transition.from?.nodeId ?? '');
      return transition.cause !== 'operator' && transition.cause !== 'operator-drained' && isOff(holder)
        ? `${transition.id}: its holder ${transition.from?.nodeId} is paused`
        : null;
    },
  },
  {
    invariant: '8. at most one automatic failover per VIP per block period unless acknowledged',
    broken: ({ transition, before, failovers }, { topology, table }) => {
      if (topology === null || !startsBlock(transition, table)) return null;
      const last = failovers.findLast(({ vipId }) => vipId === transition.vipId);
      if (last === undefined || (before.acknowledgedAtMs ?? 0) >= last.decidedAtMs) return null;
      // The clocks of those who decided know nothing of what was skipped, and may be so far from the truth, not more.
      const byTheirClocksMs = transition.decidedAtMs - last.decidedAtMs;
      const sinceMs = Math.min(Math.max(last.agoMs, byTheirClocksMs), last.agoMs + CLOCKS_APART_MS);
      return sinceMs < topology.policy.blockPeriodMs ? `${transition.id}: ${sinceMs} ms after the one before` : null;
    },
  },
  {
    invariant: '8. at most maxFailoversPerWindow automatic failovers within failoverWindow unless acknowledged',
    broken: ({ transition, before, failovers }, { topology, table }) => {
      if (topology === null || transition.from === null || !startsBlock(transition, table)) return null;
      const { maxFailoversPerWindow, failoverWindowMs } = topology.policy;
      const unacknowledged = failovers.filter(({ vipId, agoMs }) => {
        const state = vipId === before.vipId ? before : table.vips.get(vipId);
        const acknowledgedAgoMs = transition.decidedAtMs - (state?.acknowledgedAtMs ?? Number.NEGATIVE_INFINITY);
        return agoMs < Math.min(failoverWindowMs, acknowledgedAgoMs) - CLOCKS_APART_MS;
      });
      const counted = eventsIn(topology, [...unacknowledged, { nodeId: transition.from.nodeId, agoMs: 0 }]);
      return counted > maxFailoversPerWindow
        ? `${transition.id}: number ${counted} within ${failoverWindowMs} ms, and ${maxFailoversPerWindow} are allowed`
        : null;
    },
  },
  {
    invariant: '1. a holder is in service, and holds no more VIPs than the policy allows',
    broken: ({ transition, before }, { topology, table, truth }) => {
      const target = table.nodes.get(transition.to.nodeId);
      if (topology === null || target === undefined) return null;
      if (target.lockedBy !== null && before.holder?.nodeId !== target.nodeId) {
        return `${transition.id}: ${target.nodeId} is out of service since ${target.lockedBy}`;
      }
      const vip = topology.vips.find(({ id }) => id === transition.vipId);
      const carrier = vip === undefined ? null : truth.carrierOf(topology, vip);
      // Where callers are already there is nothing to be chosen.
      const isFound = transition.kind === 'assignment' && carrier?.id === target.nodeId;
      const allowed = isFound ? topology.vips.length : topology.policy.maxVipsPerNode;
      return target.claims.length > allowed
        ? `${target.nodeId} is claimed by ${target.claims.join(', ')}, and ${allowed} are allowed`
        : null;
    },
  },
];

function goesOnFromStuck({ vipId, epoch, acknowledgedAtMs }: VipState, { table }: World): boolean {
  const last = table.transitions.get(`${vipId}#${epoch}`);
  return last?.status === 'stuck' && (acknowledgedAtMs ?? 0) > last.decidedAtMs;
}

/** Whether a majority looked so late in the trouble of the database that its looks tell of it, whichever were read. */
function knowingOf(
  transition: Transition,
  nodeId: string,
  troubledForMs: number,
  { policy, observers }: Topology,
  world: World,
): boolean {
  const toldFromMs = EPOCH_MS + world.kernel.nowMs - troubledForMs + policy.probeIntervalMs + SLOW_AFTER_MS;
  const count = (says: (seen: Observation) => boolean): number =>
    votesOn(world, transition, { nodeId, maxAgeMs: policy.freshForMs }, says);
  return count(() => true) - count(({ observedAtMs }) => observedAtMs <= toldFromMs) >= quorumOf(observers.length);
}

/** Nodes of one zone that fall together may be one event, and so are the VIPs of one node: never more than that. */
function eventsIn({ nodes }: Topology, left: readonly Pick<Left, 'nodeId' | 'agoMs'>[]): number {
  const zoneOf = (id: string): string | undefined => nodes.find((node) => node.id === id)?.zone;
  const newestFirst = [...left].sort((one, other) => one.agoMs - other.agoMs);
  return newestFirst.filter(({ nodeId, agoMs }, index) => {
    const before = newestFirst.slice(0, index).findLast((each) => zoneOf(each.nodeId) === zoneOf(nodeId));
    return before === undefined || agoMs - before.agoMs > CLOCKS_APART_MS;
  }).length;
}

/** Whether it is an automatic failover, the first of its chain: by the journals, and not by what the table counts. */
export function startsBlock({ kind, vipId, epoch, chain }: Transition, { transitions }: World['table']): boolean {
  if (kind !== 'failover') return false;
  return chain.rootEpoch === epoch || transitions.get(`${vipId}#${epoch - 1}`)?.kind !== 'failover';
}

/** Standbys of old releases are told by their profile; a node that says 200 was promoted earlier. */
function saysFit({ esl, sip }: Observation, vipId: string): boolean {
  const verdict = sip[vipId]?.verdict;
  return esl.verdict === 'ok' && (verdict === 'standby' || verdict === 'ok');
}

/** A node that was to take over and never would: somebody paused it, it rejects us, or has not answered for long. */
function takesNoOrder({ esl, eslMissingSinceMs, observedAtMs }: Observation, { dissentHoldMs }: Policy): boolean {
  if (esl.verdict === 'paused' || esl.verdict === 'rejected') return true;
  return eslMissingSinceMs !== null && observedAtMs - eslMissingSinceMs >= dissentHoldMs;
}

function saysUnserved({ esl, sip }: Observation, vipId: string): boolean {
  const verdict = sip[vipId]?.verdict;
  const sipIsGone = verdict === 'silent' || verdict === 'refused' || verdict === 'malformed';
  return sipIsGone && esl.verdict !== 'rejected';
}
