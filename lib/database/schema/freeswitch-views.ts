/**
 * The two views behind `show calls` and `show detailed_calls`: a leg with its partner. FreeSWITCH selects from them by
 * name and expects the partner's columns with `b_` before them. A leg that is the second of a pair has no line of its
 * own.
 */
const WHO = 'uuid direction created created_epoch name state cid_name cid_num ip_addr dest';
const HOW =
  'application application_data dialplan context read_codec read_rate read_bit_rate write_codec write_rate ' +
  'write_bit_rate secure';
const PRESENCE = 'presence_id presence_data accountcode callstate callee_name callee_num callee_direction';
const SENT = 'sent_callee_name sent_callee_num';

/** Columns in the order of `show`, whose lines are read by position. */
export const FREESWITCH_VIEWS: Readonly<Record<string, string>> = {
  basic_calls: pairs(`${WHO} ${PRESENCE} call_uuid hostname ${SENT}`, `${WHO} ${PRESENCE} ${SENT}`),
  detailed_calls: pairs(
    `${WHO} ${HOW} hostname ${PRESENCE} call_uuid ${SENT}`,
    `${WHO} ${HOW} ${PRESENCE} call_uuid ${SENT}`,
  ),
};

function pairs(firstColumns: string, secondColumns: string): string {
  const first = firstColumns.split(' ').map((column) => `first.${column}`);
  const second = secondColumns.split(' ').map((column) => `second.${column} as b_${column}`);
  return `select ${[...first, ...second, 'pair.call_created_epoch'].join(', ')}
    from public.channels first
    left join public.calls pair on pair.caller_uuid = first.uuid and pair.hostname = first.hostname
    left join public.channels second on second.uuid = pair.callee_uuid and second.hostname = pair.hostname
    where pair.caller_uuid is not null
       or not exists (select from public.calls other where other.callee_uuid = first.uuid)`;
}

/** A view that FreeSWITCH has made itself is left alone: it answers the same. */
export function viewStatements(existing: ReadonlySet<string>): string[] {
  return Object.entries(FREESWITCH_VIEWS)
    .filter(([name]) => !existing.has(name))
    .map(([name, query]) => `create view public.${name} as ${query}`);
}
