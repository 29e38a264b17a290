/**
 * The recovery of one VIP's calls on one node, as node-control does it (FACTS 7 and 8.3). Run again after any end of an
 * earlier attempt it rebuilds what is left, and no leg twice: the database keeps the order and its legs.
 */
import { describeError, DatabaseAway, RecoveryNotPrepared, RecoverySuperseded } from '../domain/errors';
import type { NodeTopology, VipTopology } from '../domain/model';
import { unreachedBy, type Unreached } from '../domain/node-control';
import type {
  AliveResult,
  CallCounts,
  CallDatabase,
  CallSwitch,
  Clock,
  PreparedRecovery,
  RecoverResult,
  RecoveryOrder,
  SwitchState,
} from '../domain/ports';
import { registrationNotes, registrationsAlone } from './recover-calls-registrations';

export interface RecoveryDeps {
  switches: CallSwitch;
  /** null: the cluster has none, and nothing is ever recovered. */
  database: CallDatabase | null;
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
}

/** FreeSWITCH rebuilds a leg in 2.5 ms, and in 13.5 ms on a host without headroom (FACTS 7.3). */
const SLOWEST_MS_PER_LEG = 15;
const FIRST_LEG_WITHIN_MS = 2_000;
const LOOK_EVERY_MS = 100;

/** A node that hangs longer is not asked for its calls now; and an attempt that waited for it may be of an epoch that is over. */
const STATE_WITHIN_MS = 3_000;

/** 1600 legs take 0.3 s; new calls wait for this when the database hangs. */
const PREPARE_WITHIN_MS = 4_000;

/** A failed attempt is about to be told; whoever waits for it waits for a node that answers, not for this. */
const TOLD_WITHIN_MS = 1_000;

/** An order that names no incarnation is about registrations alone, and asks nothing of the node. Never throws. */
export async function recoverCalls(
  deps: RecoveryDeps,
  node: NodeTopology,
  vip: VipTopology,
  asked: RecoveryOrder,
  timeoutMs: number,
): Promise<RecoverResult> {
  const { database } = deps;
  if (database === null) return refused('this function was given no database: deploy the control plane again', null);
  const startedMs = deps.clock.monotonicMs();
  const leftMs = (): number => Math.max(1, timeoutMs - (deps.clock.monotonicMs() - startedMs));
  let before: CallCounts | null = null;
  let mayBeAtWork = false;
  try {
    if (asked.deadCoreUuids.length === 0) return await registrationsAlone(database, node, vip, asked, leftMs());
    const state = await deps.switches.state(node, Math.min(STATE_WITHIN_MS, leftMs()));
    const { ontoCoreUuid } = asked;
    if (ontoCoreUuid !== undefined && state.coreUuid !== ontoCoreUuid) {
      const reason = `${node.id} runs ${state.coreUuid}, and ${ontoCoreUuid} was to take the calls up`;
      return { ...refused(reason, null), notChosen: true };
    }
    const { order, stays } = withoutItsOwn(asked, state);
    if (order.deadCoreUuids.length === 0) {
      const alone = await registrationsAlone(database, node, vip, order, leftMs());
      return { ...alone, stayed: await callsOf(database, vip, state, leftMs) };
    }
    const unfit = unfitness(state, order);
    if (unfit !== null) {
      before = await countWaiting(database, vip, order, leftMs);
      // Where nothing waits nothing can be lost, and the registrations still go along.
      if (before.legs > 0) {
        return { ...refused(unfit, before), ...(await toldIn(database, order, { known: null, ask: true, leftMs })) };
      }
    }
    const prepared = await prepare(deps, database, { node, vip, order, state, leftMs });
    before = prepared.before;
    const task = { node, vip, order, prepared, stays, ownSessions: state.sessions, leftMs };
    if (prepared.legsWaiting === 0) return await recovered(deps, database, task, []);
    // Rows that came in between the two looks.
    if (unfit !== null) return refused(unfit, before);
    mayBeAtWork = true;
    const { replies } = await deps.switches.recoverProfiles(node, vip, leftMs());
    return await recovered(deps, database, task, replies);
  } catch (error) {
    if (error instanceof RecoverySuperseded) return { ...refused(error.message, before), notChosen: true };
    const away = error instanceof DatabaseAway;
    // New callers wait for this answer while the database is away: the next try asks from another zone.
    const unreached: Unreached = away || mayBeAtWork ? {} : unreachedBy(error);
    const told = await toldIn(database, asked, {
      known: mayBeAtWork ? before : null,
      ask: !away && !unreached.unreached,
      leftMs,
    });
    return { recovered: false, away, before, reason: describeError(error), ...told, ...unreached };
  }
}

/**
 * What a node was told that cannot be asked now. An order is prepared right before it is given: where it is not known,
 * the database tells whether an earlier attempt came that far.
 */
async function toldIn(
  database: CallDatabase,
  { transitionId, ontoCoreUuid, deadCoreUuids }: RecoveryOrder,
  { known, ask, leftMs }: { known: CallCounts | null; ask: boolean; leftMs: () => number },
): Promise<{ told?: CallCounts | false }> {
  if (known !== null) return { told: known };
  if (!ask || deadCoreUuids.length === 0) return {};
  try {
    const withinMs = Math.min(TOLD_WITHIN_MS, leftMs());
    return { told: (await database.countRecovered(transitionId, ontoCoreUuid ?? '', withinMs)).planned };
  } catch (error) {
    return error instanceof RecoveryNotPrepared ? { told: false } : {};
  }
}

/** The VIP came back to a process that never lost its calls: FreeSWITCH would not recover them, and none needs it. */
function withoutItsOwn(order: RecoveryOrder, { coreUuid }: SwitchState): { order: RecoveryOrder; stays: boolean } {
  const deadCoreUuids = order.deadCoreUuids.filter((each) => each !== coreUuid);
  return { order: { ...order, deadCoreUuids }, stays: deadCoreUuids.length < order.deadCoreUuids.length };
}

async function callsOf(
  database: CallDatabase,
  vip: VipTopology,
  { coreUuid }: SwitchState,
  leftMs: () => number,
): Promise<CallCounts> {
  const { calls, legs } = await database.countCalls(vip.profiles, coreUuid, Math.min(PREPARE_WITHIN_MS, leftMs()));
  return { calls, legs };
}

/** Rows are kept and rewritten only where the recovery can go on at once; FACTS 7.5: a paused node deletes them all. */
export function unfitness(state: SwitchState, order: RecoveryOrder): string | null {
  if (state.paused.inbound || state.paused.outbound) {
    return 'the node is paused, and a recovery there would delete every row: `fsctl resume` on it';
  }
  return clockObstacle(state, order);
}

/** Time alone mends it: the old holder numbers no more calls, and this clock comes to where that one was. */
function clockObstacle({ clockOffsetMs }: SwitchState, order: RecoveryOrder): string | null {
  const { maxClockBehindMs, oldClockAheadMs } = order;
  if (clockOffsetMs === null) return null;
  const behindMs = Math.round((oldClockAheadMs ?? 0) - clockOffsetMs);
  if (behindMs <= maxClockBehindMs) return null;
  const behindWhat = oldClockAheadMs === undefined ? '' : ' what the old holder numbered its calls by';
  return `its clock is ${behindMs} ms behind${behindWhat}: peers would refuse a CSeq that goes back; check the time sources`;
}

/** Ways A and B: what the rows are to say on that node. Null: they stay as they are. */
export function rewritingFor(
  node: NodeTopology,
  vip: VipTopology,
): { rewriteTo: string | null; advertiseTo: string | null } {
  const address = node.vipAddresses[vip.id] ?? null;
  return {
    rewriteTo: vip.serviceAddress === null ? address : null,
    advertiseTo: vip.elasticIp === null ? address : null,
  };
}

interface Task {
  node: NodeTopology;
  vip: VipTopology;
  order: RecoveryOrder;
  leftMs: () => number;
}

/** Reads alone: a node that must not recover leaves the rows as they are, for itself later or for another node. */
async function countWaiting(
  database: CallDatabase,
  vip: VipTopology,
  { deadCoreUuids }: RecoveryOrder,
  leftMs: () => number,
): Promise<CallCounts> {
  const withinMs = Math.min(PREPARE_WITHIN_MS, leftMs());
  const counts = await Promise.all(deadCoreUuids.map((uuid) => database.countCalls(vip.profiles, uuid, withinMs)));
  const sum = (of: (count: CallCounts) => number): number => counts.reduce((total, each) => total + of(each), 0);
  return { calls: sum(({ calls }) => calls), legs: sum(({ legs }) => legs) };
}

/** Waits out an earlier attempt of the same order: its job may still be at work in the node. */
async function prepare(
  deps: RecoveryDeps,
  database: CallDatabase,
  { node, vip, order, state, leftMs }: Task & { state: SwitchState },
): Promise<PreparedRecovery> {
  const ask = (): Promise<PreparedRecovery> =>
    database.prepareRecovery(
      {
        ...order,
        vipId: vip.id,
        nodeId: node.id,
        profiles: vip.profiles,
        ownCoreUuid: state.coreUuid,
        ...rewritingFor(node, vip),
      },
      Math.min(PREPARE_WITHIN_MS, leftMs()),
    );
  let prepared = await ask();
  if (prepared.begunMsAgo === null) return prepared;
  const quietAfterMs = FIRST_LEG_WITHIN_MS + SLOWEST_MS_PER_LEG * prepared.before.legs - prepared.begunMsAgo;
  const quietAtMs = deps.clock.monotonicMs() + quietAfterMs;
  while (prepared.legsWaiting > 0 && deps.clock.monotonicMs() < quietAtMs && leftMs() > LOOK_EVERY_MS) {
    await deps.clock.sleep(LOOK_EVERY_MS);
    prepared = { ...prepared, legsWaiting: (await waiting(database, order, state, leftMs)).legsWaiting };
  }
  return ask();
}

function waiting(
  database: CallDatabase,
  order: RecoveryOrder,
  state: SwitchState,
  leftMs: () => number,
): Promise<{ legsWaiting: number }> {
  return database.countRecovered(order.transitionId, state.coreUuid, leftMs());
}

interface Started {
  prepared: PreparedRecovery;
  /** The node still runs an incarnation whose calls were asked for. */
  stays: boolean;
  /** Of the node, before its first leg was rebuilt. */
  ownSessions: number | null;
}

/** "No sessions" can mean that the node could not reach the database: only the rows tell (FACTS 8.4). */
async function recovered(
  deps: RecoveryDeps,
  database: CallDatabase,
  { node, vip, order, prepared, stays, ownSessions, leftMs }: Task & Started,
  replies: string[],
): Promise<RecoverResult> {
  const state = await deps.switches.state(node, leftMs());
  const { legsWaiting } = await waiting(database, order, state, leftMs);
  if (legsWaiting > 0) {
    const reason = `${legsWaiting} legs still wait after "${replies.join('; ')}": can the node reach the database?`;
    // What it rebuilt it may not have been able to write down.
    return { ...refused(reason, prepared.before), told: prepared.before };
  }
  const notes = await registrationNotes(database, node, vip, order, leftMs());
  const { before, connectionOriented, movedAside } = prepared;
  const said = replies.length === 0 ? 'there was nothing left to rebuild' : replies.join('; ');
  return {
    recovered: true,
    before,
    connectionOriented,
    movedAside,
    stayed: stays ? await callsOf(database, vip, state, leftMs) : null,
    ownSessions,
    notes,
    proof: `${before.calls} calls (${before.legs} legs) had rows of ${order.deadCoreUuids.join(', ')}; ${said}; none waits`,
  };
}

/** An order that names no incarnation is about gateways alone, and needs no database. Never throws. */
export async function countAlive(
  deps: RecoveryDeps,
  node: NodeTopology,
  vip: VipTopology,
  order: RecoveryOrder,
  timeoutMs: number,
): Promise<AliveResult> {
  const startedMs = deps.clock.monotonicMs();
  const leftMs = (): number => Math.max(1, timeoutMs - (deps.clock.monotonicMs() - startedMs));
  try {
    if (order.deadCoreUuids.length === 0) {
      const unregisteredGateways = await deps.switches.unregisteredGateways(node, vip, leftMs());
      return { known: true, alive: { calls: 0, legs: 0 }, planned: null, sessions: null, unregisteredGateways };
    }
    if (deps.database === null) return { known: false, reason: 'this function was given no database' };
    const state = await deps.switches.state(node, leftMs());
    const { planned, tracked } = await deps.database.countRecovered(order.transitionId, state.coreUuid, leftMs());
    const mute = await whyRowsAreMissing(deps, node, state, tracked, leftMs);
    if (mute !== null) return { known: false, reason: mute };
    const unregisteredGateways = await deps.switches.unregisteredGateways(node, vip, leftMs()).catch(() => null);
    return { known: true, alive: tracked, planned, sessions: state.sessions, unregisteredGateways };
  } catch (error) {
    const told = error instanceof RecoveryNotPrepared ? { told: false as const } : {};
    return { known: false, reason: describeError(error), ...told, ...unreachedBy(error) };
  }
}

/** Calls live on without a row where the node cannot write them: they are not to be told as lost. */
async function whyRowsAreMissing(
  { switches }: RecoveryDeps,
  node: NodeTopology,
  { sessions }: SwitchState,
  tracked: CallCounts,
  leftMs: () => number,
): Promise<string | null> {
  // Each of its sessions has one, or nobody knows how many there are.
  if (sessions === null || sessions <= tracked.legs) return null;
  const why = await switches.withoutDatabase(node, leftMs());
  return why === null ? null : `${node.id} may not have written the rows of calls that live: ${why}`;
}

function refused(reason: string, before: CallCounts | null): Extract<RecoverResult, { recovered: false }> {
  return { recovered: false, away: false, before, reason };
}
