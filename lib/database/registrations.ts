/** Bindings of phones that registered through a node which does not hold the VIP any more (FACTS 6). */
import type { Queries } from './session';

export interface RegistrationChange {
  profiles: string[];
  fromNodeIds: string[];
  toNodeId: string;
}

export interface RegistrationCounts {
  moved: number;
  deletedConnections: number;
  deletedExpired: number;
}

/**
 * mod_sofia writes the transport into `status`: `Registered(TCP)`, `Registered(TLS-NAT)`, ... Where it says `AUTO-NAT`
 * instead, the contact still has its transport parameter. TLSHACK is TLS.
 */
const IS_CONNECTION = `(status ~ '^Registered[(](TCP|TLS|WS|WSS)' or contact ~* 'transport=(tcp|tls|ws|wss)')`;

/** `expires` is epoch seconds; 0 and less never run out, as in mod_sofia's own clean-up. */
const RAN_OUT = `(expires > 0 and expires <= extract(epoch from now()))`;

/** The phone has registered again through the new holder: a second row would fork calls to it. */
const IS_REPLACED = `hostname <> $3 and exists (
  select from public.sip_registrations newer
  where newer.hostname = $3 and newer.profile_name = old.profile_name and newer.sip_user = old.sip_user
    and newer.sip_host = old.sip_host and (newer.call_id = old.call_id or newer.contact = old.contact))`;

/**
 * A row of `registrations`, which has no profile. The Call-ID alone is not enough: some phones use one for all their
 * registrars, and the same node may list them for another VIP.
 */
const IS_LISTED = `hostname = any($1)
  and (token, reg_user, realm) in (select * from unnest($2::text[], $3::text[], $4::text[]))`;

/**
 * To be run inside a transaction. `sip_registrations` is what calls are routed by; `registrations` is what
 * `show registrations` lists: its `token` is the Call-ID of the binding, its `reg_user` and `realm` are user and host.
 *
 * NAT keep-alives are sent by the node that stands in `hostname` and in `orig_hostname`, so both change. Where the same
 * node goes on with a new process, its own bindings are looked at: connections died with the old one.
 */
export async function takeOverRegistrations(queries: Queries, change: RegistrationChange): Promise<RegistrationCounts> {
  const from = change.fromNodeIds;
  const { rows: bindings } = await queries.query<{
    fate: keyof RegistrationCounts | 'stays';
    count: number;
    /** Of those with a Call-ID, in the same order. */
    calls: string[];
    users: (string | null)[];
    hosts: (string | null)[];
  }>(
    `with old as (
       select ctid as place, call_id, sip_user, sip_host,
         case when ${IS_CONNECTION} then 'deletedConnections'
              when ${RAN_OUT} or (${IS_REPLACED}) then 'deletedExpired'
              when hostname = $3 then 'stays'
              else 'moved' end as fate
       from public.sip_registrations old
       where profile_name = any($1) and hostname = any($2)),
     gone as (
       delete from public.sip_registrations where ctid in (select place from old where fate like 'deleted%')),
     kept as (
       update public.sip_registrations set hostname = $3, orig_hostname = $3
       where ctid in (select place from old where fate = 'moved'))
     select fate, count(*)::int as count,
       coalesce(array_agg(call_id) filter (where call_id is not null), '{}') as calls,
       coalesce(array_agg(sip_user) filter (where call_id is not null), '{}') as users,
       coalesce(array_agg(sip_host) filter (where call_id is not null), '{}') as hosts
     from old group by fate`,
    [change.profiles, from, change.toNodeId],
  );
  const of = (fate: keyof RegistrationCounts) => bindings.find((binding) => binding.fate === fate);
  const listed = (fate: keyof RegistrationCounts): unknown[] => {
    const { calls, users, hosts } = of(fate) ?? { calls: [], users: [], hosts: [] };
    return [from, calls, users, hosts];
  };
  await queries.query(`update public.registrations set hostname = $5 where ${IS_LISTED}`, [
    ...listed('moved'),
    change.toNodeId,
  ]);
  for (const fate of ['deletedConnections', 'deletedExpired'] as const) {
    await queries.query(`delete from public.registrations where ${IS_LISTED}`, listed(fate));
  }
  return {
    moved: of('moved')?.count ?? 0,
    deletedConnections: of('deletedConnections')?.count ?? 0,
    deletedExpired: of('deletedExpired')?.count ?? 0,
  };
}
