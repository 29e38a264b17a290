/**
 * Each condition of the decision's transaction by name, before they are joined: as DynamoDB checks it, and as it is
 * read off the item that made a joined condition fail (ReturnValuesOnConditionCheckFailure), to say which one it was.
 */
import type { DecisionClause, DecisionWrite } from '../../domain/ports';
import type { PlainItem, Scalar } from './attributes';
import type { Expression, ItemRefusal } from './table';

export interface Clause {
  name: DecisionClause;
  expression: string;
  /** The values that the expression names. */
  values(write: DecisionWrite): Record<string, Scalar>;
  /** Whether an existing item satisfies it. */
  holds(item: PlainItem, write: DecisionWrite): boolean;
}

/** Also when its maintenance window has ended by the time of the decision: the meaning of `isPaused`, negated. */
export const CLUSTER_NOT_PAUSED: Clause = {
  name: 'cluster-not-paused',
  expression: '(#paused = :notPaused OR #pausedUntilMs <= :decidedAt)',
  values: (write) => ({ notPaused: false, decidedAt: write.transition.decidedAtMs }),
  holds: (item, write) => item['paused'] === false || Number(item['pausedUntilMs']) <= write.transition.decidedAtMs,
};

export const BELOW_TRANSITION_CAP: Clause = {
  name: 'below-transition-cap',
  expression: '#transitionsInFlight < :cap',
  values: (write) => ({ cap: write.maxTransitionsInFlight }),
  holds: (item, write) => Number(item['transitionsInFlight']) < write.maxTransitionsInFlight,
};

export const VIP_HAS_EXPECTED_EPOCH: Clause = {
  name: 'vip-has-expected-epoch',
  expression: '#epoch = :expectedEpoch',
  values: (write) => ({ expectedEpoch: write.expectedEpoch }),
  holds: (item, write) => item['epoch'] === write.expectedEpoch,
};

export const VIP_NOT_PAUSED: Clause = { ...CLUSTER_NOT_PAUSED, name: 'vip-not-paused' };

export const CANDIDATE_NOT_PAUSED: Clause = { ...CLUSTER_NOT_PAUSED, name: 'candidate-not-paused' };

/**
 * Taken out of service between the look and the decision: it is about to be stopped. One that holds this very VIP is
 * let through: a holder that lost another VIP, and its role with it, may still be reinstated.
 */
export const CANDIDATE_IN_SERVICE: Clause = {
  name: 'candidate-in-service',
  expression: '(attribute_not_exists(#lockedBy) OR contains(#claims, :vipId))',
  values: (write) => ({ vipId: write.transition.vipId }),
  holds: (item, write) => item['lockedBy'] === undefined || claimsOf(item).includes(write.transition.vipId),
};

/** Free for one more, or claimed by this very VIP already (a reinstatement, a chain that comes back to a node). */
export const CANDIDATE_FREE: Clause = {
  name: 'candidate-free',
  expression: '(attribute_not_exists(#claims) OR size(#claims) < :maxVips OR contains(#claims, :vipId))',
  values: (write) => ({ maxVips: write.maxVipsPerNode, vipId: write.transition.vipId }),
  holds: (item, write) => {
    const claims = claimsOf(item);
    return claims.length < write.maxVipsPerNode || claims.includes(write.transition.vipId);
  },
};

export const JOURNAL_ABSENT: Clause = {
  name: 'journal-absent',
  expression: 'attribute_not_exists(#pk)',
  values: () => ({}),
  holds: () => false,
};

export const SUPERSEDED_JOURNAL_OPEN: Clause = {
  name: 'superseded-journal-open',
  expression: '#status = :open',
  values: () => ({ open: 'open' }),
  holds: (item) => item['status'] === 'open',
};

export const PREVIOUS_JOURNAL_CLOSED: Clause = {
  name: 'previous-journal-closed',
  expression: '(attribute_not_exists(#pk) OR #status <> :open)',
  values: () => ({ open: 'open' }),
  holds: (item) => item['status'] !== 'open',
};

function claimsOf(item: PlainItem): unknown[] {
  return Array.isArray(item['claims']) ? (item['claims'] as unknown[]) : [];
}

/** The clauses of one item as one condition. */
export function join(
  clauses: readonly Clause[],
  write: DecisionWrite,
): Required<Pick<Expression, 'clause' | 'values'>> {
  return {
    clause: clauses.map((clause) => clause.expression).join(' AND '),
    values: Object.assign({}, ...clauses.map((clause) => clause.values(write))) as Record<string, Scalar>,
  };
}

/**
 * The clauses that failed, in the order of the transaction's items. An item that is not there fails each of its
 * clauses; one that changed so that all of them would hold by now is reported with all of them.
 */
export function brokenClauses(
  refusals: readonly ItemRefusal[],
  clausesOfItems: readonly (readonly Clause[])[],
  write: DecisionWrite,
): DecisionClause[] {
  return refusals.flatMap((refusal, index) => {
    if (!refusal.refused) return [];
    const clauses = clausesOfItems[index] ?? [];
    const { found } = refusal;
    const broken = found === null ? clauses : clauses.filter((clause) => !clause.holds(found, write));
    return (broken.length === 0 ? clauses : broken).map((clause) => clause.name);
  });
}
