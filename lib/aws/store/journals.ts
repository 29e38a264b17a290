/** The journals of changes of holder: reading, the converger's lease, steps, closing. Costs are in docs/state.md. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { NotRegistered, OutsideTimeout } from '../../domain/errors';
import type { CallsLedger, Holder, StepName, StepRecord, Transition } from '../../domain/model';
import type { Log } from '../../domain/ports';
import type { PlainItem } from './attributes';
import { decodeControl, decodeNode, decodeTransition, decodeVip } from './decode';
import { returnClaim } from './decision';
import { LIFETIME_S, ttl } from './encode';
import { controlKey, journalKey, LIVE, nodeKey, parseTransitionId, vipKey, type ItemKey } from './keys';
import { claimsReturnedByClosing, isUnfinished, standingOf } from '../../domain/store-rules';
import { readableOf } from './readable';
import type { Table } from './table';

/** Conditions by name, before they are joined. */
const LEASE_IS_OURS = '#leaseOwner = :owner';
const LEASE_IS_FREE = `(attribute_not_exists(#leaseOwner) OR ${LEASE_IS_OURS} OR #leaseUntilMs <= :now)`;
const JOURNAL_EXISTS = 'attribute_exists(#pk)';
const NOT_SUPERSEDED = '#status <> :superseded';
const JOURNAL_OPEN = '#status = :open';
const EPOCH_IS_THIS = '#epoch = :epoch';

/** A close that was refused reads again and judges anew; it can change under the reader only a few times. */
const CLOSE_ATTEMPTS = 3;

export class Journals {
  constructor(
    private readonly table: Table,
    private readonly log: Log,
  ) {}

  /** 1 RRU: one item of 1.9 KB (new) to 3.4 KB (done), strongly consistent. */
  async read(vipId: string, epoch: number): Promise<Transition | null> {
    const item = await this.table.get(journalKey(vipId, epoch), { consistent: true });
    return item === null ? null : decodeTransition(item);
  }

  /**
   * One Query over the VIP items (1 RRU per 4 KB) and one Get (1 RRU) per VIP. Only the journal of a VIP's present
   * epoch can be worked on: an older one is superseded, and a step written to it would be refused. A journal that
   * cannot be read is left out: it holds up no other VIP.
   */
  async listUnfinished(): Promise<Transition[]> {
    const vips = this.readable(await this.table.query(LIVE, { prefix: 'vip#' }), decodeVip);
    const assigned = vips.filter((vip) => vip.epoch > 0);
    const items = await Promise.all(
      assigned.map(({ vipId, epoch }) => this.table.get(journalKey(vipId, epoch), { consistent: true })),
    );
    const found = items.filter((item) => item !== null);
    return this.readable(found, decodeTransition).filter(isUnfinished);
  }

  /** 1 WRU per KB of the journal: 2 to 4. */
  async takeLease(id: string, owner: string, nowMs: number, untilMs: number): Promise<Transition | null> {
    const outcome = await this.table.update(keyOf(id), {
      update: 'SET #leaseOwner = :owner, #leaseUntilMs = :until',
      clause: [JOURNAL_EXISTS, NOT_SUPERSEDED, LEASE_IS_FREE].join(' AND '),
      values: { owner, now: nowMs, until: untilMs, superseded: 'superseded' },
    });
    return outcome.applied && outcome.after !== null ? decodeTransition(outcome.after) : null;
  }

  /** A transaction: 2 WRU per KB of the journal and 2 for the VIP's check, 6 to 10 in all. */
  recordStep(id: string, owner: string, step: StepName, record: StepRecord, leaseUntilMs: number): Promise<boolean> {
    return this.write(id, owner, `#steps.#${step}`, record, leaseUntilMs);
  }

  /** As `recordStep`. */
  recordCalls(id: string, owner: string, calls: CallsLedger, leaseUntilMs: number): Promise<boolean> {
    return this.write(id, owner, '#calls', calls, leaseUntilMs);
  }

  /** One part of a journal, as JSON; refused when the lease is another's or the VIP has a newer epoch. */
  private async write(id: string, owner: string, path: string, value: object, leaseUntilMs: number): Promise<boolean> {
    const { vipId, epoch } = parseTransitionId(id);
    const refusals = await this.table.transact([
      this.table.operations.update(keyOf(id), {
        update: `SET ${path} = :record, #leaseUntilMs = :until`,
        clause: LEASE_IS_OURS,
        values: { owner, record: JSON.stringify(value), until: leaseUntilMs },
      }),
      this.table.operations.check(vipKey(vipId), { clause: EPOCH_IS_THIS, values: { epoch } }),
    ]);
    return refusals === null;
  }

  /** 1 WRU per KB of the journal: 2 to 4. A lease that is another's stays untouched. */
  async releaseLease(id: string, owner: string): Promise<void> {
    await this.table.update(keyOf(id), {
      update: 'REMOVE #leaseOwner, #leaseUntilMs',
      clause: LEASE_IS_OURS,
      values: { owner },
    });
  }

  /** Reads 3 RRU; then a transaction over journal, VIP, control and each node whose claim goes back: 10 to 12 WRU. */
  async close(id: string, owner: string, status: 'done' | 'stuck', holder: Holder, nowMs: number): Promise<boolean> {
    const { vipId, epoch } = parseTransitionId(id);
    for (let attempt = 1; attempt <= CLOSE_ATTEMPTS; attempt += 1) {
      const [journal, vip, nodes] = await Promise.all([
        this.read(vipId, epoch),
        this.table.get(vipKey(vipId), { consistent: true }),
        this.table.query(LIVE, { prefix: 'node#' }),
      ]);
      if (journal === null || vip === null || decodeVip(vip).epoch !== epoch) return false;
      if (journal.status !== 'open') return journal.status === status;
      if (journal.lease?.owner !== owner) return false;
      // A node whose item cannot be read keeps its claim: it takes no other VIP for that.
      const readable = this.readable(nodes, decodeNode);
      const returned = claimsReturnedByClosing(readable, journal, status, holder.nodeId);
      const operations = this.closing(journal, owner, status, holder, nowMs, returned);
      if ((await this.table.transact(operations)) === null) return true;
    }
    throw new OutsideTimeout(
      `closing transition ${id} in table ${this.table.name} met another writer ${CLOSE_ATTEMPTS} times; ` +
        'the next convergence closes it',
    );
  }

  /**
   * The stale actor's check: small items, strongly consistent, 1 RRU each, all at once. No transaction: that would meet
   * the ones that write the journal, which check the same VIP.
   */
  async readStanding(
    vipId: string,
    nowMs: number,
    nodeIds: readonly string[] = [],
  ): Promise<{ epoch: number; paused: string | null }> {
    const read = (key: ItemKey): Promise<PlainItem | null> => this.table.get(key, { consistent: true });
    const [item, controlItem, nodeItems] = await Promise.all([
      read(vipKey(vipId)),
      read(controlKey()),
      Promise.all(nodeIds.map((nodeId) => read(nodeKey(nodeId)))),
    ]);
    if (item === null || controlItem === null) throw noSuchVip(this.table.name, vipId);
    const nodes = nodeItems.flatMap((each) => (each === null ? [] : [decodeNode(each)]));
    return standingOf(decodeVip(item), decodeControl(controlItem), nodes, nowMs);
  }

  private readable<T>(items: PlainItem[], decode: (item: PlainItem) => T): T[] {
    return readableOf(items, decode, this.log, 'an item cannot be read: nothing is done about what it is of');
  }

  private closing(
    journal: Transition,
    owner: string,
    status: 'done' | 'stuck',
    holder: Holder,
    nowMs: number,
    returned: readonly string[],
  ): TransactWriteItem[] {
    const { operations } = this.table;
    return [
      operations.update(journalKey(journal.vipId, journal.epoch), {
        update: 'SET #status = :status, #closedAtMs = :now, #ttl = :ttl',
        clause: `${JOURNAL_OPEN} AND ${LEASE_IS_OURS}`,
        values: { open: 'open', owner, status, now: nowMs, ttl: ttl(nowMs, LIFETIME_S.closedJournal) },
      }),
      status === 'done'
        ? operations.update(vipKey(journal.vipId), held(journal.epoch, holder, nowMs))
        : operations.check(vipKey(journal.vipId), { clause: EPOCH_IS_THIS, values: { epoch: journal.epoch } }),
      // No condition on the counter: one that was edited by hand must not keep a journal open.
      operations.update(controlKey(), { update: 'ADD #transitionsInFlight :minusOne', values: { minusOne: -1 } }),
      ...returned.map((nodeId) => operations.update(nodeKey(nodeId), returnClaim(journal.vipId))),
    ];
  }
}

export function noSuchVip(table: string, vipId: string): NotRegistered {
  return new NotRegistered(`table ${table} has no VIP '${vipId}'; deploy the cluster, or name one of its VIPs`);
}

const keyOf = (id: string): Pick<PlainItem, 'pk' | 'sk'> => {
  const { vipId, epoch } = parseTransitionId(id);
  return journalKey(vipId, epoch);
};

function held(epoch: number, holder: Holder, nowMs: number) {
  const uuid = holder.coreUuid;
  return {
    update:
      'SET #status = :held, #holderNode = :node, #changedAtMs = :now' +
      (uuid === null ? ' REMOVE #holderCoreUuid' : ', #holderCoreUuid = :uuid'),
    clause: EPOCH_IS_THIS,
    values: { epoch, held: 'held', node: holder.nodeId, now: nowMs, ...(uuid === null ? {} : { uuid }) },
  };
}
