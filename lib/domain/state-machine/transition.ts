/** The states of a transition, the journal of one change of holder. */
import { assertNever, type Transition } from '../model';
import { lookUp, type Machine, type EdgeTaken } from './machine';

export type TransitionPosition = Transition['status'];

export type TransitionEvent = 'decided' | 'done' | 'stuck' | 'superseded';

const CLOSING = {
  actor: 'failover function',
  calls: 'closeTransition',
  in: 'lib/operations/converge/converge.ts',
} as const;

export const TRANSITION_MACHINE: Machine<TransitionPosition, TransitionEvent> = {
  id: 'transition',
  title: 'Transition',
  about:
    'While a transition is open, `prerequisites` in `lib/domain/transition.ts` says which of its steps may begin; what a step does never changes the state by itself.',
  states: {
    open: { means: 'decided, and being converged', final: null },
    done: {
      means: 'callers are served by the new holder, and it was read back',
      final: 'what comes later (the page, the ledger, the old node) goes on without changing it',
    },
    stuck: {
      means: 'a human must take the step that its page names',
      final: 'their acknowledgement begins a new transition, under the next epoch',
    },
    superseded: {
      means: 'another decision took its place',
      final: 'its epoch is over, and every write that carries it is refused',
    },
  },
  edges: [
    {
      from: null,
      on: 'decided',
      to: 'open',
      ways: [
        {
          when: 'the judgement finds that a VIP needs another holder (each edge into `moving` above)',
          actor: 'observer or minute schedule',
          calls: 'decide',
          in: 'lib/operations/evaluate.ts',
        },
        {
          when: 'a human asks for a switchover',
          actor: 'operator',
          calls: 'decide',
          in: 'lib/operations/switchover.ts',
        },
      ],
    },
    {
      from: 'open',
      on: 'done',
      to: 'done',
      ways: [{ ...CLOSING, when: 'every closing step is settled' }],
    },
    {
      from: 'open',
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
      from: 'open',
      on: 'superseded',
      to: 'superseded',
      ways: [
        {
          when: 'retargeting: the next decision of the chain is written',
          actor: 'observer or minute schedule',
          calls: 'decide',
          in: 'lib/operations/evaluate.ts',
        },
        {
          when: 'the table was restored with the transition open, and its VIP takes a higher epoch',
          actor: 'registrar',
          calls: 'adoptEpoch',
          in: 'lib/operations/register.ts',
        },
      ],
    },
  ],
};

type Seen = Pick<Transition, 'status'>;

/** The edge that a journal took between two looks with one write between them; null when it took none. */
export function edgeOfTransition(before: Seen | null, after: Seen): EdgeTaken | null {
  if (before?.status === after.status) return null;
  return lookUp(TRANSITION_MACHINE, before?.status ?? null, eventOf(after.status), after.status);
}

function eventOf(status: TransitionPosition): TransitionEvent {
  switch (status) {
    case 'open':
      return 'decided';
    case 'done':
    case 'stuck':
    case 'superseded':
      return status;
    default:
      return assertNever(status);
  }
}
