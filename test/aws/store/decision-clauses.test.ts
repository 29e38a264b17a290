import {
  BELOW_TRANSITION_CAP,
  brokenClauses,
  CANDIDATE_FREE,
  CANDIDATE_IN_SERVICE,
  CANDIDATE_NOT_PAUSED,
  CLUSTER_NOT_PAUSED,
  join,
  JOURNAL_ABSENT,
  PREVIOUS_JOURNAL_CLOSED,
  SUPERSEDED_JOURNAL_OPEN,
  VIP_HAS_EXPECTED_EPOCH,
  VIP_NOT_PAUSED,
} from '../../../lib/aws/store/decision-clauses';
import type { ItemRefusal } from '../../../lib/aws/store/table';
import type { DecisionWrite } from '../../../lib/domain/ports';
import { aTransition } from '../../support/store-fixtures';

const WRITE: DecisionWrite = {
  transition: aTransition({ vipId: 'main', epoch: 8, to: { nodeId: 'fs-b', coreUuid: null } }),
  expectedEpoch: 7,
  startsBlock: true,
  maxVipsPerNode: 2,
  maxTransitionsInFlight: 3,
  supersedes: null,
};
const ITEMS = [
  [CLUSTER_NOT_PAUSED, BELOW_TRANSITION_CAP],
  [VIP_HAS_EXPECTED_EPOCH, VIP_NOT_PAUSED],
  [CANDIDATE_NOT_PAUSED, CANDIDATE_IN_SERVICE, CANDIDATE_FREE],
  [JOURNAL_ABSENT],
];
const held: ItemRefusal = { refused: false };
const found = (fields: Record<string, unknown>): ItemRefusal => ({
  refused: true,
  found: { ...fields, pk: 'live', sk: 'x' },
});
const broken = (...refusals: ItemRefusal[]) => brokenClauses(refusals, ITEMS, WRITE);

describe('the clause that refused a decision', () => {
  it('is read off the item that was found', () => {
    expect(broken(found({ paused: true, transitionsInFlight: 0 }), held, held, held)).toEqual(['cluster-not-paused']);
    expect(broken(found({ paused: false, transitionsInFlight: 3 }), held, held, held)).toEqual([
      'below-transition-cap',
    ]);
    expect(broken(held, found({ epoch: 8, paused: false }), held, found({}))).toEqual([
      'vip-has-expected-epoch',
      'journal-absent',
    ]);
    expect(broken(held, found({ epoch: 9, paused: true }), held, held)).toEqual([
      'vip-has-expected-epoch',
      'vip-not-paused',
    ]);
  });

  it('counts a claim of the same VIP as free, and one of others up to the policy', () => {
    const claims = (...ids: string[]) => broken(held, held, found({ paused: true, claims: ids }), held);
    expect(claims('other', 'third')).toEqual(['candidate-not-paused', 'candidate-free']);
    expect(claims('other')).toEqual(['candidate-not-paused']);
    expect(claims('other', 'main')).toEqual(['candidate-not-paused']);
    expect(broken(held, held, found({ paused: true }), held)).toEqual(['candidate-not-paused']);
  });

  it('is a candidate that was taken out of service meanwhile', () => {
    const candidate = found({ paused: false, lockedBy: 'second#4' });
    expect(broken(held, held, candidate, held)).toEqual(['candidate-in-service']);
  });

  it('is none of a candidate that is out of service and holds this very VIP', () => {
    const candidate = found({ paused: true, lockedBy: 'second#4', claims: ['main'] });
    expect(broken(held, held, candidate, held)).toEqual(['candidate-not-paused']);
  });

  it('is no pause whose window has ended by the time of the decision', () => {
    const at = WRITE.transition.decidedAtMs;
    const paused = (pausedUntilMs: number) =>
      broken(held, found({ epoch: 9, paused: true, pausedUntilMs }), held, held);
    expect(paused(at + 1)).toEqual(['vip-has-expected-epoch', 'vip-not-paused']);
    expect(paused(at)).toEqual(['vip-has-expected-epoch']);
  });

  it('is every clause of an item that is not there, or that changed meanwhile', () => {
    const missing: ItemRefusal = { refused: true, found: null };
    expect(broken(held, missing, held, held)).toEqual(['vip-has-expected-epoch', 'vip-not-paused']);
    expect(broken(held, found({ epoch: 7, paused: false }), held, held)).toEqual([
      'vip-has-expected-epoch',
      'vip-not-paused',
    ]);
  });
});

it.each([
  { clause: JOURNAL_ABSENT, status: 'open', holds: false },
  { clause: SUPERSEDED_JOURNAL_OPEN, status: 'open', holds: true },
  { clause: SUPERSEDED_JOURNAL_OPEN, status: 'done', holds: false },
  { clause: PREVIOUS_JOURNAL_CLOSED, status: 'open', holds: false },
  { clause: PREVIOUS_JOURNAL_CLOSED, status: 'done', holds: true },
])('$clause.name holds of a journal that is $status: $holds', ({ clause, status, holds }) => {
  expect(clause.holds({ pk: 'vip#main', sk: 'epoch#000000000007', status }, WRITE)).toBe(holds);
});

describe('the clauses of an item', () => {
  it('are joined with their values', () => {
    expect(join([VIP_HAS_EXPECTED_EPOCH, VIP_NOT_PAUSED], WRITE)).toEqual({
      clause: '#epoch = :expectedEpoch AND (#paused = :notPaused OR #pausedUntilMs <= :decidedAt)',
      values: { expectedEpoch: 7, notPaused: false, decidedAt: WRITE.transition.decidedAtMs },
    });
  });
});
