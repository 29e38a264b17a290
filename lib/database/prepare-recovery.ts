/**
 * The transaction before a recovery. FreeSWITCH recovers every row of a profile that is not its own, then deletes them
 * all, without asking whose they are (FACTS 7.1): so what it must not touch is taken out of its way first.
 */
import { RecoverySuperseded } from '../domain/errors';
import type { CallCounts, PreparedRecovery, RowsOrder } from '../domain/ports';
import { OUR_SCHEMA } from './names';
import { callKey, isConnectionOriented, OF_SOFIA } from './recovery-rows';
import { rewriteAdvertised, rewriteMediaAddress } from './rewrite';
import type { Queries } from './session';

export type PreparationOrder = RowsOrder & {
  vipId: string;
  nodeId: string;
  profiles: string[];
  ownCoreUuid: string;
  rewriteTo: string | null;
  advertiseTo: string | null;
};

/** Rows moved aside hold callers' numbers, and an order this old is in the journal's history. */
const KEPT_DAYS = 30;

/**
 * To be run inside a transaction. Two attempts for the same VIP at once, of one order or of two, wait for each other.
 *
 * @throws RecoverySuperseded before any row is touched
 */
export async function prepareRecovery(queries: Queries, order: PreparationOrder): Promise<PreparedRecovery> {
  await takeTurn(queries, order);
  await refuseSuperseded(queries, order);
  const begun = await noteOrder(queries, order);
  const dead = begun.deadCoreUuids;
  await moveForeignRowsAside(queries, order, dead);
  await dropWhatLivesAlready(queries, order, dead);
  await planLegs(queries, order, dead);
  const { profiles, rewriteTo, advertiseTo } = order;
  if (rewriteTo !== null) await rewriteMediaAddress(queries, { deadCoreUuids: dead, profiles, rewriteTo });
  if (advertiseTo !== null) await rewriteAdvertised(queries, { deadCoreUuids: dead, profiles, advertiseTo });
  const found = await countOrder(queries, order, dead);
  return { ...found, begunMsAgo: begun.msAgo };
}

/** By the VIP: the orders of two epochs have no row in common. In the next statement what the other one wrote is seen. */
async function takeTurn(queries: Queries, { vipId }: PreparationOrder): Promise<void> {
  await queries.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${OUR_SCHEMA}.recovery of ${vipId}`]);
}

/** The number behind the last `#`, of an id `vip#epoch`. */
const epochIn = (id: string): string => `substring(${id} from '#([0-9]+)$')::bigint`;

/**
 * An attempt may come late: its epoch was read before it asked the node, and that may have hung for seconds. By then a
 * younger order may have rebuilt the calls, and their rows, of a process that this order never heard of, would go aside.
 *
 * Only one that was begun since this one was decided is younger. A table that was restored may begin again below epochs
 * that stand here, and those were all begun before. (Two clocks: of the observer that decided, and of the database.)
 */
async function refuseSuperseded(
  queries: Queries,
  { transitionId, vipId, decidedAtMs }: PreparationOrder,
): Promise<void> {
  // Of a version that did not say when it was decided the comparison is null, and refuses nothing.
  const { rows } = await queries.query<{ younger: string }>(
    `select transition_id as younger from ${OUR_SCHEMA}.recovery_orders
     where vip_id = $2 and ${epochIn('transition_id')} > ${epochIn('$1::text')}
       and last_begun_at > to_timestamp($3::float8 / 1000)
     order by ${epochIn('transition_id')} desc limit 1`,
    [transitionId, vipId, decidedAtMs ?? null],
  );
  const [found] = rows;
  if (found === undefined) return;
  throw new RecoverySuperseded(
    `recovery ${transitionId} comes too late: ${found.younger} took its place and has begun to recover the calls of ` +
      `${vipId}, so no row was touched. Nothing is to be done`,
  );
}

/**
 * Writes the order down, or takes it up again.
 *
 * An incarnation on which an earlier attempt ran is dead too once another one answers in its place: the node was
 * restarted in between. What it had rebuilt by then is recovered like the rest, or a crash of the new holder in
 * mid-recovery would turn its rows into foreign ones.
 *
 * Another node's may well live: a table that was restored from before its last decision gives the same epoch, and so the
 * same id, to another one. That is no second attempt.
 */
async function noteOrder(
  queries: Queries,
  order: PreparationOrder,
): Promise<{ msAgo: number | null; deadCoreUuids: string[] }> {
  await queries.query(
    `delete from ${OUR_SCHEMA}.recovery_orders where last_begun_at < now() - make_interval(days => $1)`,
    [KEPT_DAYS],
  );
  const created = await queries.query(
    `insert into ${OUR_SCHEMA}.recovery_orders as o
       (transition_id, vip_id, profiles, dead_core_uuids, own_core_uuids, begun_at, last_begun_at, attempts, node_id)
     values ($1, $2, $3, array_remove($4::text[], $5), array[$5::text], clock_timestamp(), clock_timestamp(), 1, $6)
     on conflict (transition_id) do nothing`,
    [order.transitionId, order.vipId, order.profiles, order.deadCoreUuids, order.ownCoreUuid, order.nodeId],
  );
  const { rows } = await queries.query<{ ago: number; dead: string[]; own: string[]; node: string | null }>(
    `select extract(epoch from clock_timestamp() - last_begun_at)::float8 * 1000 as ago,
       dead_core_uuids as dead, own_core_uuids as own, node_id as node
     from ${OUR_SCHEMA}.recovery_orders where transition_id = $1 for update`,
    [order.transitionId],
  );
  const [noted] = rows;
  if (created.rowCount === 1 || noted === undefined) {
    return { msAgo: null, deadCoreUuids: order.deadCoreUuids.filter((uuid) => uuid !== order.ownCoreUuid) };
  }
  const unique = (uuids: string[]) => [...new Set(uuids)];
  const isAnotherDecision = noted.node !== null && noted.node !== order.nodeId;
  const own = isAnotherDecision ? [] : noted.own;
  const dead = unique([...noted.dead, ...order.deadCoreUuids, ...own]).filter((uuid) => uuid !== order.ownCoreUuid);
  await queries.query(
    `update ${OUR_SCHEMA}.recovery_orders
     set dead_core_uuids = $2, own_core_uuids = $3, node_id = $4, last_begun_at = clock_timestamp(),
       attempts = attempts + 1
     where transition_id = $1`,
    [order.transitionId, dead, unique([...own, order.ownCoreUuid]), order.nodeId],
  );
  return { msAgo: isAnotherDecision ? null : Math.round(noted.ago), deadCoreUuids: dead };
}

/** Rows of no incarnation that is proved dead: recovered, they would be ghost calls; deleted, a live node's calls would be unprotected. */
async function moveForeignRowsAside(queries: Queries, order: PreparationOrder, dead: string[]): Promise<void> {
  await queries.query(
    `with foreign_rows as (
       delete from public.recovery r
       where ${OF_SOFIA} and profile_name = any($2) and not (coalesce(runtime_uuid, '') = any($3 || array[$4::text]))
       returning r.*)
     insert into ${OUR_SCHEMA}.recovery_aside
       (transition_id, moved_at, call_key, runtime_uuid, technology, profile_name, hostname, uuid, metadata)
     select $1, now(), coalesce(${callKey('f')}, ''), runtime_uuid, technology, profile_name, hostname, uuid, metadata
     from foreign_rows f`,
    [order.transitionId, order.profiles, dead, order.ownCoreUuid],
  );
}

/**
 * An earlier attempt was cut off after legs had come back but before FreeSWITCH deleted their old rows: once more would
 * be twice. Of two dead rows for one leg the later incarnation's is the one that knows the dialog.
 */
async function dropWhatLivesAlready(queries: Queries, order: PreparationOrder, dead: string[]): Promise<void> {
  await queries.query(
    `delete from public.recovery r
     where ${OF_SOFIA} and profile_name = any($1) and runtime_uuid = any($2)
       and exists (select from public.recovery own where own.uuid = r.uuid and own.runtime_uuid = $3)`,
    [order.profiles, dead, order.ownCoreUuid],
  );
  await queries.query(
    `delete from public.recovery where ctid in (
       select ctid from (
         select ctid, row_number() over (
           partition by uuid order by array_position($2::text[], runtime_uuid::text) desc, ctid desc) as place
         from public.recovery where ${OF_SOFIA} and profile_name = any($1) and runtime_uuid = any($2)) ranked
       where place > 1)`,
    [order.profiles, dead],
  );
}

/** The first attempt notes all legs; a later one adds those of an incarnation that died since. */
async function planLegs(queries: Queries, order: PreparationOrder, dead: string[]): Promise<void> {
  await queries.query(
    `insert into ${OUR_SCHEMA}.recovery_plan (transition_id, uuid, call_key, connection_oriented, profile_name)
     select $1, uuid, ${callKey('r')}, ${isConnectionOriented('r')}, profile_name
     from public.recovery r
     where ${OF_SOFIA} and profile_name = any($2) and runtime_uuid = any($3) and uuid is not null
     on conflict (transition_id, uuid) do nothing`,
    [order.transitionId, order.profiles, dead],
  );
}

async function countOrder(
  queries: Queries,
  order: PreparationOrder,
  dead: string[],
): Promise<{ before: CallCounts; connectionOriented: number; movedAside: number; legsWaiting: number }> {
  const { rows } = await queries.query<Record<'calls' | 'legs' | 'connections' | 'aside' | 'waiting', number>>(
    `select count(distinct call_key)::int as calls, count(*)::int as legs,
       (count(distinct call_key) filter (where connection_oriented))::int as connections,
       (select count(distinct call_key)::int from ${OUR_SCHEMA}.recovery_aside where transition_id = $1) as aside,
       (select count(*)::int from public.recovery
        where ${OF_SOFIA} and profile_name = any($2) and runtime_uuid = any($3)) as waiting
     from ${OUR_SCHEMA}.recovery_plan where transition_id = $1`,
    [order.transitionId, order.profiles, dead],
  );
  const { calls = 0, legs = 0, connections = 0, aside = 0, waiting = 0 } = rows[0] ?? {};
  return { before: { calls, legs }, connectionOriented: connections, movedAside: aside, legsWaiting: waiting };
}
