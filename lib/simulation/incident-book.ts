/** Keeps book of the incidents that stand, and of whether anybody was told of them. */
import type { Incident } from '../domain/model';
import type { PageMessage } from '../domain/ports';
import { LOST_PAGE_INVARIANT } from './invariants/pages';
import type { World } from './world/world';

interface Standing {
  /** Its date in the table: another one is another incident. */
  atMs: number;
  /** Elapsed time. */
  sinceMs: number;
  told: boolean;
}

export class IncidentBook {
  /** By the key in the table. */
  private readonly standing = new Map<string, Standing>();

  constructor(private readonly world: Pick<World, 'table' | 'kernel'>) {}

  /** A page went out: whether that could be noted is another matter. */
  paged({ attributes }: Pick<PageMessage, 'attributes'>): void {
    for (const [key, { kind, vipId }] of this.world.table.incidents) {
      const known = this.standing.get(key);
      if (known !== undefined && kind === attributes.kind && (vipId ?? '-') === attributes.vip) known.told = true;
    }
  }

  /** After each change of the table. @returns the incidents that were cleared before anybody was told, in words */
  tableChanged(): string[] {
    const { table, kernel } = this.world;
    for (const [key, incident] of table.incidents) this.note(key, incident);
    return [...this.standing].flatMap(([key, { sinceMs, told }]) => {
      if (table.incidents.has(key)) return [];
      this.standing.delete(key);
      return told ? [] : (LOST_PAGE_INVARIANT.broken(key, kernel.elapsedMs - sinceMs) ?? []);
    });
  }

  /** A table from a backup: nobody cleared what it does not know of. */
  replaced(): void {
    this.tableChanged();
  }

  private note(key: string, { atMs, notifiedAtMs }: Incident): void {
    const known = this.standing.get(key);
    if (known === undefined || known.atMs !== atMs)
      this.standing.set(key, { atMs, sinceMs: this.world.kernel.elapsedMs, told: notifiedAtMs !== null });
    else if (notifiedAtMs !== null) known.told = true;
  }
}
