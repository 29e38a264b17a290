/** FreeSWITCH's table `recovery` in memory (FACTS 7.1): a row for each leg and incarnation, deleted by uuid alone. */
import type { RewrittenVariable } from '../../domain/ports';

/** One leg of a call; a call has two. */
export interface Leg {
  readonly uuid: string;
  readonly callId: string;
  readonly vipId: string;
  readonly profile: string;
  /** Where its media is bound and what its peer was told: recovered elsewhere, they must be valid there (FACTS 7.3). */
  readonly addresses: Readonly<Record<RewrittenVariable, string>>;
}

export interface Row extends Leg {
  readonly coreUuid: string;
}

export class RecoveryTable {
  /** core_uuid -> leg uuid -> row. An incarnation without rows has no entry. */
  private readonly rows = new Map<string, Map<string, Row>>();

  /** Incarnations that have a row, in the order in which they first wrote one. */
  get incarnations(): string[] {
    return [...this.rows.keys()];
  }

  insert(row: Row): void {
    const own = this.rows.get(row.coreUuid);
    if (own === undefined) this.rows.set(row.coreUuid, new Map([[row.uuid, row]]));
    else own.set(row.uuid, row);
  }

  has(coreUuid: string, uuid: string): boolean {
    return this.rows.get(coreUuid)?.has(uuid) ?? false;
  }

  /** Whether any incarnation has a row of that leg: from which it can be rebuilt. */
  hasLeg(uuid: string): boolean {
    return this.incarnations.some((coreUuid) => this.has(coreUuid, uuid));
  }

  /** Rows of one incarnation; without `profiles` all of them. */
  of(coreUuid: string, profiles?: readonly string[]): Row[] {
    const rows = [...(this.rows.get(coreUuid)?.values() ?? [])];
    return profiles === undefined ? rows : rows.filter((row) => profiles.includes(row.profile));
  }

  /** What `fsctl recover` reads, and deletes afterwards: whatever is not its own, without asking whose. */
  ofOthers(coreUuid: string, profiles: readonly string[]): Row[] {
    return this.incarnations.filter((other) => other !== coreUuid).flatMap((other) => this.of(other, profiles));
  }

  delete({ coreUuid, uuid }: Pick<Row, 'coreUuid' | 'uuid'>): void {
    const rows = this.rows.get(coreUuid);
    rows?.delete(uuid);
    if (rows?.size === 0) this.rows.delete(coreUuid);
  }

  /** A hangup: the row of that leg goes, whoever rebuilt it meanwhile. */
  deleteLeg(uuid: string): void {
    for (const coreUuid of this.incarnations) this.delete({ coreUuid, uuid });
  }
}

export const callIdsIn = (legs: readonly Leg[]): ReadonlySet<string> => new Set(legs.map((leg) => leg.callId));

export const callsIn = (legs: readonly Leg[]): number => callIdsIn(legs).size;
