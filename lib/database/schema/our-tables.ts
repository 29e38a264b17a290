/** Schema `understudy`: what a recovery needs to remember from one attempt to the next. */
import { OUR_SCHEMA } from '../names';

/**
 * Tables of recovery orders, one order per transition.
 * - `recovery_orders`: that it was begun, on which node, and on which incarnations of it.
 * - `recovery_plan`: the order's legs as they were, so that the ledger can say later which of them live.
 * - `recovery_aside`: rows that belonged to no incarnation of the order, kept for a human (they hold numbers of
 *   callers: deleted with their order).
 */
export const OUR_TABLE_STATEMENTS: readonly string[] = [
  `create table if not exists ${OUR_SCHEMA}.recovery_orders (
     transition_id text primary key,
     vip_id text not null,
     profiles text[] not null,
     dead_core_uuids text[] not null,
     own_core_uuids text[] not null,
     begun_at timestamptz not null,
     last_begun_at timestamptz not null,
     attempts integer not null)`,
  // Null: of a version that did not note it.
  `alter table ${OUR_SCHEMA}.recovery_orders add column if not exists node_id text`,
  `create table if not exists ${OUR_SCHEMA}.recovery_plan (
     transition_id text not null references ${OUR_SCHEMA}.recovery_orders on delete cascade,
     uuid text not null,
     call_key text not null,
     connection_oriented boolean not null,
     profile_name text not null,
     primary key (transition_id, uuid))`,
  `create table if not exists ${OUR_SCHEMA}.recovery_aside (
     transition_id text not null references ${OUR_SCHEMA}.recovery_orders on delete cascade,
     moved_at timestamptz not null,
     call_key text not null,
     runtime_uuid text,
     technology text,
     profile_name text,
     hostname text,
     uuid text,
     metadata text)`,
  `create index if not exists recovery_aside_order on ${OUR_SCHEMA}.recovery_aside (transition_id)`,
];
