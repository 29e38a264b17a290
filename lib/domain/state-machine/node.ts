/** The states of a node, as far as the store is concerned: whether it is well is what observers say each second. */
import type { NodeState } from '../model';
import { lookUp, type Machine, type EdgeTaken } from './machine';

/** Of two facts, `claims` and `lockedBy`. */
export type NodePosition = 'free' | 'claimed' | 'leaving' | 'out-of-service';

export type NodeEvent =
  'registered' | 'claimed' | 'claim-returned' | 'last-claim-returned' | 'locked-out' | 'locked-out-again' | 'let-in';

const CANDIDATE = [
  {
    when: 'it is decided to be the holder of a VIP that it does not claim',
    actor: 'observer or minute schedule',
    calls: 'decide',
    in: 'lib/operations/evaluate.ts',
  },
  {
    when: 'a human moves a VIP to it',
    actor: 'operator',
    calls: 'decide',
    in: 'lib/operations/switchover.ts',
  },
] as const;

const RETURN = [
  {
    when: 'a transition of a claimed VIP closes, another node is the holder, and this one is fenced',
    actor: 'failover function',
    calls: 'closeTransition',
    in: 'lib/operations/converge/converge.ts',
  },
  {
    when: 'it failed as a candidate, and the transition is retargeted away from it',
    actor: 'observer or minute schedule',
    calls: 'decide',
    in: 'lib/operations/evaluate.ts',
  },
] as const;

const LOCK = [
  {
    when: 'it was the holder, and its database role is about to be locked (step `lock`)',
    actor: 'failover function',
    calls: 'setLockedOut',
    in: 'lib/operations/converge/lock.ts',
  },
  {
    when: 'it was the holder, and its instance is about to be stopped (step `stop`)',
    actor: 'failover function',
    calls: 'setLockedOut',
    in: 'lib/operations/converge/stop.ts',
  },
] as const;

const LET_IN = [
  {
    when: 'its old process is proved gone, and its database role unlocked',
    actor: 'failover function',
    calls: 'setLockedOut',
    in: 'lib/operations/return-to-service.ts',
  },
] as const;

export const NODE_MACHINE: Machine<NodePosition, NodeEvent> = {
  id: 'node',
  title: 'Node',
  about:
    'A node that is out of service takes no new claim, whatever the observers see of it: no edge leads from `leaving` or `out-of-service` to `claimed` but `let-in`.',
  states: {
    free: { means: 'in service, and claims no VIP: a standby as soon as observers see it fit', final: null },
    claimed: { means: 'in service, and holds at least one VIP, or is about to', final: null },
    leaving: {
      means: 'a transition took it out of service, and it still claims a VIP: the one that leaves it, or another',
      final: null,
    },
    'out-of-service': { means: 'claims nothing, and may not until it was restored', final: null },
  },
  edges: [
    {
      from: null,
      on: 'registered',
      to: 'free',
      ways: [
        {
          when: 'a deployment names a node that the table does not have',
          actor: 'registrar',
          calls: 'ensureItems',
          in: 'lib/operations/register.ts',
        },
      ],
    },
    { from: 'free', on: 'claimed', to: 'claimed', ways: CANDIDATE },
    { from: 'claimed', on: 'claimed', to: 'claimed', ways: CANDIDATE },
    { from: 'claimed', on: 'claim-returned', to: 'claimed', ways: RETURN },
    { from: 'claimed', on: 'last-claim-returned', to: 'free', ways: RETURN },
    { from: 'claimed', on: 'locked-out', to: 'leaving', ways: LOCK },
    { from: 'free', on: 'locked-out', to: 'out-of-service', ways: LOCK },
    { from: 'leaving', on: 'claim-returned', to: 'leaving', ways: RETURN },
    { from: 'leaving', on: 'last-claim-returned', to: 'out-of-service', ways: RETURN },
    { from: 'leaving', on: 'locked-out-again', to: 'leaving', ways: LOCK },
    { from: 'leaving', on: 'let-in', to: 'claimed', ways: LET_IN },
    { from: 'out-of-service', on: 'locked-out-again', to: 'out-of-service', ways: LOCK },
    { from: 'out-of-service', on: 'let-in', to: 'free', ways: LET_IN },
  ],
};

function positionOfNode({ claims, lockedBy }: Pick<NodeState, 'claims' | 'lockedBy'>): NodePosition {
  if (lockedBy === null) return claims.length === 0 ? 'free' : 'claimed';
  return claims.length === 0 ? 'out-of-service' : 'leaving';
}

/** The edge that a node took between two looks with one write between them; null when it took none. */
export function edgeOfNode(before: NodeState | null, after: NodeState): EdgeTaken | null {
  const to = positionOfNode(after);
  if (before === null) return lookUp(NODE_MACHINE, null, 'registered', to);
  const gained = after.claims.filter((vipId) => !before.claims.includes(vipId)).length;
  const lost = before.claims.filter((vipId) => !after.claims.includes(vipId)).length;
  const locked = before.lockedBy !== after.lockedBy;
  if (gained === 0 && lost === 0 && !locked) return null;
  const event = locked ? eventOfLock(before, after, gained + lost) : eventOfClaims(after, gained, lost);
  return lookUp(NODE_MACHINE, positionOfNode(before), event, to);
}

/** No write touches both facts of a node, so a change of both has no event. */
function eventOfLock(before: NodeState, after: NodeState, claimsChanged: number): NodeEvent | null {
  if (claimsChanged > 0) return null;
  if (after.lockedBy === null) return 'let-in';
  return before.lockedBy === null ? 'locked-out' : 'locked-out-again';
}

/** One decision or closing concerns one VIP. */
function eventOfClaims(after: NodeState, gained: number, lost: number): NodeEvent | null {
  if (gained + lost !== 1) return null;
  if (gained === 1) return 'claimed';
  return after.claims.length === 0 ? 'last-claim-returned' : 'claim-returned';
}
