/**
 * Functions by which node-control locks nodes out, and by which others learn of sessions what is hidden from them. They
 * run with the rights of `understudy_locker`, so that node-control itself may neither alter a role nor end a session, nor
 * observers read what the nodes ask; and those that change something refuse every role that is not a node's.
 *
 * Locking and ending are two calls in two transactions: NOLOGIN counts for new sessions only once it is committed.
 */
import { NODES_ROLE } from '../../domain/database-names';
import { OUR_SCHEMA } from '../names';

/** Nobody's objects can stand in for the catalogue's: see CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely". */
const PINNED = 'security definer set search_path = pg_catalog, pg_temp';

/** One change of roles at a time: two at once fail with "tuple concurrently updated". The number is ours alone. */
export const ROLE_CHANGE_LOCK = 7_315_541;

/** insufficient_privilege, as the server itself would say. */
const REFUSAL = '42501';

export const LOCK_FUNCTION_STATEMENTS: readonly string[] = [
  // Membership with ADMIN OPTION is that of the administrator who made the group, who is no node.
  `create or replace function ${OUR_SCHEMA}.assert_node(role text) returns void language plpgsql ${PINNED} as $body$
   begin
     if not exists (
       select from pg_auth_members membership
       join pg_roles member on member.oid = membership.member
       join pg_roles grp on grp.oid = membership.roleid
       where grp.rolname = '${NODES_ROLE}' and member.rolname = role and not membership.admin_option
         and not member.rolsuper and not member.rolcreaterole
     ) then
       raise exception '% is not the role of a node', quote_ident(role) using errcode = '${REFUSAL}';
     end if;
   end $body$`,
  `create or replace function ${OUR_SCHEMA}.lock_node(role text) returns void language plpgsql ${PINNED} as $body$
   begin
     perform ${OUR_SCHEMA}.assert_node(role);
     perform pg_advisory_xact_lock(${ROLE_CHANGE_LOCK});
     execute format('alter role %I nologin', role);
   end $body$`,
  `create or replace function ${OUR_SCHEMA}.unlock_node(role text) returns void language plpgsql ${PINNED} as $body$
   begin
     perform ${OUR_SCHEMA}.assert_node(role);
     perform pg_advisory_xact_lock(${ROLE_CHANGE_LOCK});
     execute format('alter role %I login', role);
   end $body$`,
  // Returns how many sessions were told to end; call again until there is none.
  `create or replace function ${OUR_SCHEMA}.end_node_sessions(role text) returns integer
   language plpgsql ${PINNED} as $body$
   begin
     perform ${OUR_SCHEMA}.assert_node(role);
     if exists (select from pg_roles where rolname = role and rolcanlogin) then
       raise exception '% may still log in: its sessions would come back', quote_ident(role)
         using errcode = '${REFUSAL}';
     end if;
     return (select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = role);
   end $body$`,
  // Where others' sessions come from is hidden from all but pg_monitor: null then, because no rows would mean none.
  `create or replace function ${OUR_SCHEMA}.sessions_from(address inet) returns json
   language plpgsql ${PINNED} as $body$
   begin
     if not pg_has_role(current_user, 'pg_read_all_stats', 'usage') then return null; end if;
     return (
       select coalesce(json_agg(signed_in), '[]') from (
         select usename as role, count(*) as sessions,
           has_table_privilege(usesysid, 'public.recovery', 'insert, update, delete') as writes
         from pg_stat_activity
         where backend_type = 'client backend' and datname = current_database() and client_addr = address
         group by usename, usesysid order by usename) signed_in);
   end $body$`,
  // Of the server's own doing: a lock, its disk, another of its processes. A slow client or a long computation is not.
  // The locker is a member of the nodes' roles, and so sees what their sessions do, also without pg_monitor.
  `create or replace function ${OUR_SCHEMA}.nodes_waiting(longer_than interval) returns integer
   language plpgsql ${PINNED} as $body$
   begin
     return (
       select count(*) from pg_stat_activity
       where datname = current_database() and state = 'active' and query_start < clock_timestamp() - longer_than
         and wait_event_type in ('Lock', 'LWLock', 'IO', 'IPC')
         and usesysid in (select member from pg_auth_members
                          where roleid = '${NODES_ROLE}'::regrole and not admin_option));
   end $body$`,
];
