/**
 * The control plane's own tables beside `recovery`: orders, plans and rows moved aside. The meaning is that of
 * `lib/database/prepare-recovery.ts`, `count-calls.ts` and `preview-recovery.ts`, statement by statement; each method
 * is one transaction, because nothing in it waits.
 */
import { RecoveryNotPrepared, RecoverySuperseded } from '../../domain/errors';
import type {
  AddressChange,
  CallDatabase,
  IncarnationRows,
  PreparedRecovery,
  RecoveryCount,
  RewrittenVariable,
  RowsPreview,
} from '../../domain/ports';
import { callsIn, type RecoveryTable, type Row } from './recovery-table';

type PreparationOrder = Parameters<CallDatabase['prepareRecovery']>[0];
type PreviewOrder = Parameters<CallDatabase['previewRecovery']>[0];

interface NotedOrder {
  vipId: string;
  nodeId: string;
  profiles: readonly string[];
  dead: string[];
  own: string[];
  lastBegunAtMs: number;
  /** By the clock that decisions are dated with. */
  lastBegunWallMs: number;
  plan: Map<string, Row>;
  aside: Row[];
}

const KEPT_MS = 30 * 24 * 3_600_000;
const MAX_EXAMPLES = 10;

export class RecoveryOrders {
  private readonly orders = new Map<string, NotedOrder>();
  /** Profile -> the order that was last begun for it. */
  private readonly latest = new Map<string, string>();

  constructor(
    private readonly table: RecoveryTable,
    private readonly nowMs: () => number,
    private readonly wallMs: () => number,
  ) {}

  /** The order under which rows of a profile are being rebuilt: FreeSWITCH itself knows of none. */
  latestOf(profile: string): string | null {
    return this.latest.get(profile) ?? null;
  }

  /** @throws RecoverySuperseded when an order of a higher epoch was begun since this one was decided */
  prepare(order: PreparationOrder): PreparedRecovery {
    this.refuseSuperseded(order);
    const { noted, begunMsAgo } = this.note(order);
    for (const profile of order.profiles) this.latest.set(profile, order.transitionId);
    this.moveForeignRowsAside(noted, order);
    this.dropWhatLivesAlready(noted, order);
    const waiting = this.deadRows(noted.dead, order.profiles);
    for (const row of waiting) if (!noted.plan.has(row.uuid)) noted.plan.set(row.uuid, row);
    this.rewrite(waiting, order);
    const legs = [...noted.plan.values()];
    return {
      before: { calls: callsIn(legs), legs: legs.length },
      connectionOriented: 0,
      movedAside: callsIn(noted.aside),
      begunMsAgo,
      legsWaiting: waiting.length,
    };
  }

  /** @throws RecoveryNotPrepared when the order was never prepared */
  count(transitionId: string, ownCoreUuid: string): RecoveryCount {
    const noted = this.orders.get(transitionId);
    if (noted === undefined) {
      throw new RecoveryNotPrepared(`Recovery ${transitionId} is not in the database: it was never prepared there`);
    }
    const planned = [...noted.plan.values()];
    const missing = planned.filter((leg) => !this.table.has(ownCoreUuid, leg.uuid));
    const broken = callsIn(missing);
    return {
      planned: { calls: callsIn(planned), legs: planned.length },
      tracked: { calls: callsIn(planned) - broken, legs: planned.length - missing.length },
      legsWaiting: this.deadRows(noted.dead, noted.profiles).length,
    };
  }

  preview(order: PreviewOrder): RowsPreview {
    const dead = order.deadCoreUuids.filter((uuid) => uuid !== order.ownCoreUuid);
    const of = (coreUuid: string): IncarnationRows => {
      const rows = this.table.of(coreUuid, order.profiles);
      return { coreUuid, rows: rows.length, calls: callsIn(rows), connectionOriented: 0 };
    };
    const foreign = this.table.incarnations.filter((uuid) => uuid !== order.ownCoreUuid && !dead.includes(uuid));
    const changed = this.deadRows(dead, order.profiles)
      .map((row) => ({ uuid: row.uuid, changes: changesOf(row, order) }))
      .filter(({ changes }) => changes.length > 0);
    return {
      recovered: dead.map(of),
      own: of(order.ownCoreUuid),
      foreign: foreign.map(of).filter(({ rows }) => rows > 0),
      rewritten: changed.length,
      differences: summed(changed.flatMap(({ changes }) => changes)),
      examples: changed.slice(0, MAX_EXAMPLES),
    };
  }

  private refuseSuperseded({ transitionId, vipId, decidedAtMs = Infinity }: PreparationOrder): void {
    for (const [id, noted] of this.orders) {
      if (noted.vipId !== vipId || epochIn(id) <= epochIn(transitionId) || noted.lastBegunWallMs <= decidedAtMs)
        continue;
      throw new RecoverySuperseded(`recovery ${transitionId} comes too late: ${id} took its place`);
    }
  }

  /** An incarnation on which an earlier attempt ran is dead too once another one answers in its place: on its node. */
  private note(order: PreparationOrder): { noted: NotedOrder; begunMsAgo: number | null } {
    const nowMs = this.nowMs();
    for (const [id, { lastBegunAtMs }] of this.orders) if (nowMs - lastBegunAtMs > KEPT_MS) this.orders.delete(id);
    const standing = this.orders.get(order.transitionId);
    const { ownCoreUuid } = order;
    const others = (uuids: readonly string[]): string[] => [...new Set(uuids)].filter((uuid) => uuid !== ownCoreUuid);
    if (standing === undefined) {
      const noted: NotedOrder = {
        vipId: order.vipId,
        nodeId: order.nodeId,
        profiles: order.profiles,
        dead: others(order.deadCoreUuids),
        own: [ownCoreUuid],
        lastBegunAtMs: nowMs,
        lastBegunWallMs: this.wallMs(),
        plan: new Map(),
        aside: [],
      };
      this.orders.set(order.transitionId, noted);
      return { noted, begunMsAgo: null };
    }
    const isAnotherDecision = standing.nodeId !== order.nodeId;
    const begunMsAgo = isAnotherDecision ? null : Math.round(nowMs - standing.lastBegunAtMs);
    if (isAnotherDecision) standing.own = [];
    standing.nodeId = order.nodeId;
    standing.dead = others([...standing.dead, ...order.deadCoreUuids, ...standing.own]);
    standing.own = [...new Set([...standing.own, ownCoreUuid])];
    standing.lastBegunAtMs = nowMs;
    standing.lastBegunWallMs = this.wallMs();
    return { noted: standing, begunMsAgo };
  }

  private moveForeignRowsAside(noted: NotedOrder, { profiles, ownCoreUuid }: PreparationOrder): void {
    for (const row of this.table.ofOthers(ownCoreUuid, profiles)) {
      if (noted.dead.includes(row.coreUuid)) continue;
      this.table.delete(row);
      noted.aside.push(row);
    }
  }

  /** Of two dead rows for one leg the later incarnation's stays. */
  private dropWhatLivesAlready({ dead }: NotedOrder, { profiles, ownCoreUuid }: PreparationOrder): void {
    const kept = new Set<string>();
    for (const row of this.deadRows([...dead].reverse(), profiles)) {
      if (kept.has(row.uuid) || this.table.has(ownCoreUuid, row.uuid)) this.table.delete(row);
      else kept.add(row.uuid);
    }
  }

  private rewrite(rows: readonly Row[], order: PreparationOrder): void {
    for (const row of rows) {
      const changes = changesOf(row, order);
      if (changes.length === 0) continue;
      const addresses = { ...row.addresses };
      for (const { variable, to } of changes) addresses[variable] = to;
      this.table.insert({ ...row, addresses });
    }
  }

  private deadRows(dead: readonly string[], profiles: readonly string[]): Row[] {
    return dead.flatMap((coreUuid) => this.table.of(coreUuid, profiles));
  }
}

const epochIn = (transitionId: string): number => Number(transitionId.slice(transitionId.lastIndexOf('#') + 1));

function changesOf(row: Row, { rewriteTo, advertiseTo }: Pick<PreviewOrder, 'rewriteTo' | 'advertiseTo'>) {
  const wanted: [RewrittenVariable, string | null][] = [
    ['local_media_ip', rewriteTo],
    ['advertised_media_ip', advertiseTo],
  ];
  return wanted.flatMap(([variable, to]): AddressChange[] => {
    const from = row.addresses[variable];
    return to === null || to === from ? [] : [{ variable, from, to }];
  });
}

/** Each distinct replacement, most frequent first. */
function summed(changes: readonly AddressChange[]): RowsPreview['differences'] {
  const differences = new Map<string, AddressChange & { rows: number }>();
  for (const change of changes) {
    const key = `${change.variable} ${change.from}`;
    differences.set(key, { ...change, rows: (differences.get(key)?.rows ?? 0) + 1 });
  }
  return [...differences.values()].sort((one, other) => other.rows - one.rows);
}
