/**
 * The decision: the one transaction of DESIGN 2.2. Six items at most: control, VIP, candidate, the new journal, the
 * journal before it, and (retargeting) the dead candidate.
 * Cost: 2 WRU an item and KB, checks included: 18 to 20 WRU (10 for a first assignment); a loser of the race pays the
 * same, and 1 RRU to read the journal back.
 */
import { createHash } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { OutsideTimeout } from '../../domain/errors';
import type { Transition } from '../../domain/model';
import type { DecisionClause, DecisionOutcome, DecisionWrite } from '../../domain/ports';
import type { Scalar } from './attributes';
import { decodeTransition } from './decode';
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
  type Clause,
} from './decision-clauses';
import { encodeFailovers, encodeTransition, LIFETIME_S, ttl } from './encode';
import { controlKey, journalKey, nodeKey, parseTransitionId, vipKey } from './keys';
import { assertNextEpoch, claimReturnedByRetargeting, failoversAfter } from '../../domain/store-rules';
import type { Table } from './table';

/** One item of the transaction with the clauses its condition is made of. */
interface Part {
  operation: TransactWriteItem;
  clauses: Clause[];
}

export class DecisionWriter {
  constructor(private readonly table: Table) {}

  /**
   * @throws OutsideTimeout when the answer was lost and could not be resolved by reading the journal back
   * @throws RangeError when the write does not follow the epoch that was read
   */
  async decide(write: DecisionWrite): Promise<DecisionOutcome> {
    assertNextEpoch(write.transition, write.expectedEpoch);
    const superseded = write.supersedes === null ? null : await this.readJournal(write.supersedes);
    if (write.supersedes !== null && superseded === null) {
      return { outcome: 'refused', clauses: ['superseded-journal-open'] };
    }
    const parts = this.partsOf(write, superseded);
    try {
      const operations = parts.map((part) => part.operation);
      const refusals = await this.table.transact(operations, tokenOf(write, operations));
      if (refusals === null) return { outcome: 'written' };
      const clauses = brokenClauses(
        refusals,
        parts.map((part) => part.clauses),
        write,
      );
      if (clauses.some(mayBeOurOwnWrite) && (await this.isOurs(write))) return { outcome: 'written' };
      return { outcome: 'refused', clauses };
    } catch (error) {
      if (error instanceof OutsideTimeout && (await this.isOurs(write).catch(() => false)))
        return { outcome: 'written' };
      throw error;
    }
  }

  private partsOf(write: DecisionWrite, superseded: Transition | null): Part[] {
    const previous = superseded === null ? this.previousJournal(write) : this.supersededJournal(write, superseded);
    return [
      superseded === null ? this.countUp(write) : this.checkControl(write),
      this.moveVip(write),
      this.claimCandidate(write),
      this.createJournal(write),
      ...previous,
    ];
  }

  private countUp(write: DecisionWrite): Part {
    const clauses = [CLUSTER_NOT_PAUSED, BELOW_TRANSITION_CAP];
    const { clause, values } = join(clauses, write);
    const update = 'ADD #transitionsInFlight :one';
    const expression = { update, clause, values: { ...values, one: 1 } };
    return { operation: this.table.operations.update(controlKey(), expression), clauses };
  }

  /** A retargeting is in flight already: neither counted nor capped again. */
  private checkControl(write: DecisionWrite): Part {
    const clauses = [CLUSTER_NOT_PAUSED];
    return { operation: this.table.operations.check(controlKey(), join(clauses, write)), clauses };
  }

  private moveVip(write: DecisionWrite): Part {
    const { transition } = write;
    const clauses = [VIP_HAS_EXPECTED_EPOCH, VIP_NOT_PAUSED];
    const { clause, values } = join(clauses, write);
    const sets: Record<string, Scalar> = {
      epoch: transition.epoch,
      status: 'moving',
      holderNode: transition.to.nodeId,
      changedAtMs: transition.decidedAtMs,
      ...(transition.to.coreUuid === null ? {} : { holderCoreUuid: transition.to.coreUuid }),
      ...(write.startsBlock ? encodeFailovers(failoversAfter(write)) : {}),
    };
    const set = Object.keys(sets).map((name) => `#${name} = :${name}`);
    const update = `SET ${set.join(', ')}${transition.to.coreUuid === null ? ' REMOVE #holderCoreUuid' : ''}`;
    const expression = { update, clause, values: { ...values, ...sets } };
    return { operation: this.table.operations.update(vipKey(transition.vipId), expression), clauses };
  }

  private claimCandidate(write: DecisionWrite): Part {
    const { vipId, to } = write.transition;
    const clauses = [CANDIDATE_NOT_PAUSED, CANDIDATE_IN_SERVICE, CANDIDATE_FREE];
    const { clause, values } = join(clauses, write);
    const expression = { update: 'ADD #claims :claim', clause, values: { ...values, claim: new Set([vipId]) } };
    return { operation: this.table.operations.update(nodeKey(to.nodeId), expression), clauses };
  }

  private createJournal(write: DecisionWrite): Part {
    const clauses = [JOURNAL_ABSENT];
    const { clause } = join(clauses, write);
    return { operation: this.table.operations.put(encodeTransition(write.transition), { clause }), clauses };
  }

  private previousJournal(write: DecisionWrite): Part[] {
    if (write.expectedEpoch === 0) return [];
    const clauses = [PREVIOUS_JOURNAL_CLOSED];
    const key = journalKey(write.transition.vipId, write.expectedEpoch);
    return [{ operation: this.table.operations.check(key, join(clauses, write)), clauses }];
  }

  private supersededJournal(write: DecisionWrite, superseded: Transition): Part[] {
    const { transition } = write;
    const clauses = [SUPERSEDED_JOURNAL_OPEN];
    const { clause, values } = join(clauses, write);
    const close = this.table.operations.update(journalKey(superseded.vipId, superseded.epoch), {
      update: 'SET #status = :superseded, #closedAtMs = :now, #ttl = :ttl REMOVE #leaseOwner, #leaseUntilMs',
      clause,
      values: {
        ...values,
        superseded: 'superseded',
        now: transition.decidedAtMs,
        ttl: ttl(transition.decidedAtMs, LIFETIME_S.closedJournal),
      },
    });
    const dead = claimReturnedByRetargeting(superseded, transition);
    const parts: Part[] = [{ operation: close, clauses }];
    if (dead !== null)
      parts.push({
        operation: this.table.operations.update(nodeKey(dead), returnClaim(transition.vipId)),
        clauses: [],
      });
    return parts;
  }

  private async isOurs(write: DecisionWrite): Promise<boolean> {
    return (await this.readJournal(write.transition.id))?.decidedBy === write.transition.decidedBy;
  }

  private async readJournal(id: string): Promise<Transition | null> {
    const { vipId, epoch } = parseTransitionId(id);
    const item = await this.table.get(journalKey(vipId, epoch), { consistent: true });
    return item === null ? null : decodeTransition(item);
  }
}

/** Takes the VIP off a node's claims; harmless when it is not among them. */
export function returnClaim(vipId: string): { update: string; values: Record<string, ReadonlySet<string>> } {
  return { update: 'DELETE #claims :claim', values: { claim: new Set([vipId]) } };
}

/** The clauses that an earlier, applied attempt of the same decision breaks for its own retry. */
function mayBeOurOwnWrite(clause: DecisionClause): boolean {
  return clause === 'vip-has-expected-epoch' || clause === 'journal-absent' || clause === 'superseded-journal-open';
}

/**
 * Deterministic in the decision, so that a retry whose first attempt was applied is told "applied" by DynamoDB itself.
 * The content (with the table's name) is part of it: tokens are the account's, and DynamoDB refuses one that comes
 * back with other parameters.
 */
function tokenOf(write: DecisionWrite, operations: TransactWriteItem[]): string {
  const { id, decidedBy } = write.transition;
  return createHash('sha256')
    .update(JSON.stringify([id, decidedBy, operations]))
    .digest('hex')
    .slice(0, 36);
}
