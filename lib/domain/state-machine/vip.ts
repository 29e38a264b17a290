/** The states of a VIP. */
import { assertNever, type Holder, type Transition, type VipState } from '../model';
import { lookUp, type Machine, type EdgeTaken } from './machine';

/** As stored, but for `stuck`: the item still says `moving`, its journal says that nobody works on it any more. */
export type VipPosition = VipState['status'] | 'stuck';

export type VipEvent =
  | 'registered'
  | 'assignment'
  | 'failover'
  | 'reinstatement'
  | 'switchover'
  | 'failback'
  | 'automatic-failback'
  | 'retargeting'
  | 'retry'
  | 'done'
  | 'stuck'
  | 'incarnation-learned'
  | 'epoch-adopted';

const JUDGEMENT = { actor: 'observer or minute schedule', calls: 'decide', in: 'lib/operations/evaluate.ts' } as const;
const COMMAND = { actor: 'operator', calls: 'decide', in: 'lib/operations/switchover.ts' } as const;
const CLOSING = {
  actor: 'failover function',
  calls: 'closeTransition',
  in: 'lib/operations/converge/converge.ts',
} as const;
const ADOPTION = {
  when: 'the addresses or DNS records carry a higher epoch: the table was restored',
  actor: 'registrar',
  calls: 'adoptEpoch',
  in: 'lib/operations/register.ts',
} as const;

export const VIP_MACHINE: Machine<VipPosition, VipEvent> = {
  id: 'vip',
  title: 'VIP',
  about:
    'Each edge into `moving` raises the epoch by one, and is refused while the cluster, the VIP or the candidate is paused.',
  states: {
    unassigned: { means: 'nobody holds it, and no candidate was chosen', final: null },
    moving: { means: 'a holder was decided; its journal is open and being converged', final: null },
    held: { means: 'its holder was proved to serve it', final: null },
    stuck: { means: 'its journal was closed as stuck: a human must act, and then acknowledge', final: null },
  },
  edges: [
    {
      from: null,
      on: 'registered',
      to: 'unassigned',
      ways: [
        {
          when: 'a deployment names a VIP that the table does not have',
          actor: 'registrar',
          calls: 'ensureItems',
          in: 'lib/operations/register.ts',
        },
      ],
    },
    {
      from: 'unassigned',
      on: 'assignment',
      to: 'moving',
      ways: [{ ...JUDGEMENT, when: 'a candidate is fit, and no more preferred one may still be booting' }],
    },
    {
      from: 'held',
      on: 'failover',
      to: 'moving',
      ways: [
        { ...JUDGEMENT, when: 'a majority sees its holder dead or stuck, no block runs, and another candidate is fit' },
      ],
    },
    {
      from: 'held',
      on: 'reinstatement',
      to: 'moving',
      ways: [{ ...JUDGEMENT, when: 'a majority sees its holder in a new incarnation, or fallen into standby' }],
    },
    {
      from: 'held',
      on: 'switchover',
      to: 'moving',
      ways: [{ ...COMMAND, when: 'a human moves it to a fit candidate, with its calls or drained' }],
    },
    {
      from: 'held',
      on: 'failback',
      to: 'moving',
      ways: [{ ...COMMAND, when: 'a human moves it to its most preferred node, and that is fit' }],
    },
    {
      from: 'held',
      on: 'automatic-failback',
      to: 'moving',
      ways: [
        {
          ...JUDGEMENT,
          when: '`failback: automatic`: its most preferred node has been well for `failbackAfter` and is fit, and the database is well',
        },
      ],
    },
    {
      from: 'held',
      on: 'incarnation-learned',
      to: 'held',
      ways: [
        {
          when: 'a majority agrees on the `core_uuid` of a holder that was verified without one',
          actor: 'observer or minute schedule',
          calls: 'learnHolderCoreUuid',
          in: 'lib/operations/evaluate.ts',
        },
      ],
    },
    {
      from: 'moving',
      on: 'retargeting',
      to: 'moving',
      ways: [
        {
          ...JUDGEMENT,
          when: 'a majority sees the node it moves to dead, stuck, restarted or unpromotable, fewer than `maxRetargets` failed before or a human has acknowledged it since its decision, and a candidate is fit',
        },
      ],
    },
    {
      from: 'moving',
      on: 'done',
      to: 'held',
      ways: [{ ...CLOSING, when: 'every closing step is settled, `verify` last' }],
    },
    {
      from: 'moving',
      on: 'stuck',
      to: 'stuck',
      ways: [
        {
          ...CLOSING,
          when: 'a closing step other than `dns`, and than `recover` within `recoverFor`, is not settled 10 minutes after the decision, or the topology lacks the node that it moves to and nothing was promoted there',
        },
      ],
    },
    {
      from: 'stuck',
      on: 'retry',
      to: 'moving',
      ways: [
        {
          ...JUDGEMENT,
          when: 'a human acknowledged it since it was decided, and its node serves or is fit, or else another candidate is',
        },
      ],
    },
    {
      from: 'stuck',
      on: 'failover',
      to: 'moving',
      ways: [
        {
          ...JUDGEMENT,
          when: 'its planned move had taken nothing, and a majority sees the old holder dead or stuck, as one that holds it',
        },
      ],
    },
    {
      from: 'stuck',
      on: 'reinstatement',
      to: 'moving',
      ways: [
        {
          ...JUDGEMENT,
          when: 'the same, and a majority sees the old holder in a new incarnation, or fallen into standby',
        },
      ],
    },
    { from: 'unassigned', on: 'epoch-adopted', to: 'unassigned', ways: [ADOPTION] },
    { from: 'moving', on: 'epoch-adopted', to: 'unassigned', ways: [ADOPTION] },
    { from: 'held', on: 'epoch-adopted', to: 'unassigned', ways: [ADOPTION] },
    { from: 'stuck', on: 'epoch-adopted', to: 'unassigned', ways: [ADOPTION] },
  ],
};

/** A VIP, and the journal of its present epoch: null where it never had one, or it expired. */
export interface SeenVip {
  vip: VipState;
  journal: Transition | null;
}

export function positionOfVip({ vip, journal }: SeenVip): VipPosition {
  return vip.status === 'moving' && journal?.status === 'stuck' ? 'stuck' : vip.status;
}

/** The edge that a VIP took between two looks with one write between them; null when it took none. */
export function edgeOfVip(before: SeenVip | null, after: SeenVip): EdgeTaken | null {
  const to = positionOfVip(after);
  if (before === null) return lookUp(VIP_MACHINE, null, 'registered', to);
  const from = positionOfVip(before);
  const unchanged =
    from === to && before.vip.epoch === after.vip.epoch && isSameHolder(before.vip.holder, after.vip.holder);
  return unchanged ? null : lookUp(VIP_MACHINE, from, eventOf(before, after), to);
}

function eventOf(before: SeenVip, after: SeenVip): VipEvent | null {
  const raisedBy = after.vip.epoch - before.vip.epoch;
  if (raisedBy === 0) return eventWithinEpoch(before, after);
  if (raisedBy > 0 && after.vip.holder === null) return 'epoch-adopted';
  const { journal, vip } = after;
  const isDecided = raisedBy === 1 && journal !== null && isSameHolder(vip.holder, journal.to);
  return isDecided ? eventOfDecision(journal) : null;
}

function eventWithinEpoch(before: SeenVip, after: SeenVip): VipEvent | null {
  const { holder } = before.vip;
  // Within an epoch only the incarnation may become known: another node would be another holder.
  if (holder === null || after.vip.holder?.nodeId !== holder.nodeId) return null;
  if (positionOfVip(after) === 'stuck') return isSameHolder(holder, after.vip.holder) ? 'stuck' : null;
  if (before.vip.status === 'moving') return 'done';
  return holder.coreUuid === null ? 'incarnation-learned' : null;
}

function eventOfDecision({ kind, cause, chain, epoch }: Transition): VipEvent {
  if (chain.rootEpoch !== epoch) return chain.retargets > 0 ? 'retargeting' : 'retry';
  switch (kind) {
    case 'failback':
      return cause === 'preferred-node-back' ? 'automatic-failback' : 'failback';
    case 'assignment':
    case 'failover':
    case 'switchover':
    case 'reinstatement':
      return kind;
    default:
      return assertNever(kind);
  }
}

function isSameHolder(one: Holder | null, other: Holder | null): boolean {
  return one?.nodeId === other?.nodeId && one?.coreUuid === other?.coreUuid;
}
