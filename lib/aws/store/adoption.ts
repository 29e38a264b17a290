/** A restored table is behind the world: VIPs take the higher epoch that the world's tags and records carry. */
import { OutsideTimeout } from '../../domain/errors';
import { decodeTransition, decodeVip } from './decode';
import { LIFETIME_S, ttl } from './encode';
import { noSuchVip } from './journals';
import { controlKey, journalKey, vipKey } from './keys';
import type { Table } from './table';

/** Conditions by name. */
const EPOCH_IS_AS_READ = '#epoch = :read';
const JOURNAL_OPEN = '#status = :open';

const ATTEMPTS = 3;

export class Adoption {
  constructor(private readonly table: Table) {}

  /**
   * Raises the VIP's epoch and forgets its holder; never lowers one. A transition that was open when the table was
   * saved is superseded and counted down with it: nobody could ever close it. At a deployment: 2 RRU, 2 to 10 WRU.
   * @throws NotRegistered when the table has no such VIP
   */
  async adoptEpoch(vipId: string, epoch: number, nowMs: number): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const item = await this.table.get(vipKey(vipId), { consistent: true });
      if (item === null) throw noSuchVip(this.table.name, vipId);
      const read = decodeVip(item).epoch;
      if (read >= epoch) return;
      const operations = [this.raise(vipId, read, epoch, nowMs), ...(await this.supersedeOpen(vipId, read, nowMs))];
      if ((await this.table.transact(operations)) === null) return;
    }
    throw new OutsideTimeout(
      `raising the epoch of VIP '${vipId}' in table ${this.table.name} to ${epoch} met another writer ${ATTEMPTS} times; ` +
        'pause the cluster and deploy again',
    );
  }

  private raise(vipId: string, read: number, epoch: number, nowMs: number) {
    return this.table.operations.update(vipKey(vipId), {
      update: 'SET #epoch = :epoch, #status = :unassigned, #changedAtMs = :now REMOVE #holderNode, #holderCoreUuid',
      clause: EPOCH_IS_AS_READ,
      values: { read, epoch, unassigned: 'unassigned', now: nowMs },
    });
  }

  private async supersedeOpen(vipId: string, epoch: number, nowMs: number) {
    const key = journalKey(vipId, epoch);
    const item = await this.table.get(key, { consistent: true });
    if (item === null || decodeTransition(item).status !== 'open') return [];
    return [
      this.table.operations.update(key, {
        update: 'SET #status = :superseded, #closedAtMs = :now, #ttl = :ttl REMOVE #leaseOwner, #leaseUntilMs',
        clause: JOURNAL_OPEN,
        values: { open: 'open', superseded: 'superseded', now: nowMs, ttl: ttl(nowMs, LIFETIME_S.closedJournal) },
      }),
      this.table.operations.update(controlKey(), {
        update: 'ADD #transitionsInFlight :minusOne',
        values: { minusOne: -1 },
      }),
    ];
  }
}
