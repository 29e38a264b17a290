/** Calls by their rows. */
import { RecoveryNotPrepared } from '../domain/errors';
import type { CallCounts, RecoveryCount } from '../domain/ports';
import { OUR_SCHEMA } from './names';
import { callKey, isConnectionOriented, OF_SOFIA } from './recovery-rows';
import type { Queries } from './session';

type Row = { calls: number; legs: number };

/** Rows of one incarnation. */
export async function countCalls(
  queries: Queries,
  profiles: readonly string[],
  coreUuid: string,
): Promise<CallCounts & { connectionOriented: number }> {
  const { rows } = await queries.query<Row & { connections: number }>(
    `select count(distinct key)::int as calls, count(*)::int as legs,
       (count(distinct key) filter (where connection))::int as connections
     from (select ${callKey('r')} as key, ${isConnectionOriented('r')} as connection from public.recovery r
           where ${OF_SOFIA} and profile_name = any($1) and runtime_uuid = $2) legs`,
    [profiles, coreUuid],
  );
  const { calls = 0, legs = 0, connections = 0 } = rows[0] ?? {};
  return { calls, legs, connectionOriented: connections };
}

/**
 * Of the order's plan: what the new holder tracks now. A call counts when each of its planned legs does: a leg whose
 * partner was lost is about to be hung up.
 *
 * @throws RecoveryNotPrepared when the order was never prepared: "none" would read as "all lost"
 */
export async function countRecovered(
  queries: Queries,
  transitionId: string,
  ownCoreUuid: string,
): Promise<RecoveryCount> {
  const { rows } = await queries.query<Row & Record<'planned' | 'plannedLegs' | 'orders' | 'waiting', number>>(
    `with found as (
       select p.call_key, own.uuid is not null as tracked
       from ${OUR_SCHEMA}.recovery_plan p
       left join (select distinct uuid from public.recovery where runtime_uuid = $2) own on own.uuid = p.uuid
       where p.transition_id = $1)
     select
       (select count(*)::int from (select from found group by call_key having bool_and(tracked)) whole) as calls,
       (select count(*)::int from found where tracked) as legs,
       (select count(distinct call_key)::int from found) as planned,
       (select count(*)::int from found) as "plannedLegs",
       (select count(*)::int from ${OUR_SCHEMA}.recovery_orders where transition_id = $1) as orders,
       (select count(*)::int from public.recovery r, ${OUR_SCHEMA}.recovery_orders o
        where o.transition_id = $1 and ${OF_SOFIA} and r.profile_name = any(o.profiles)
          and r.runtime_uuid = any(o.dead_core_uuids)) as waiting`,
    [transitionId, ownCoreUuid],
  );
  const { calls = 0, legs = 0, planned = 0, plannedLegs = 0, orders = 0, waiting = 0 } = rows[0] ?? {};
  if (orders === 0) {
    throw new RecoveryNotPrepared(`Recovery ${transitionId} is not in the database: it was never prepared there`);
  }
  return { planned: { calls: planned, legs: plannedLegs }, tracked: { calls, legs }, legsWaiting: waiting };
}
