import type { Leg } from '../leg';

/** The parties of every call, as in the recordings. */
const CALLER = { name: 'Lab', number: 'caller', address: '203.0.113.21' };
const CALLEE = { name: 'Outbound Call', address: '203.0.113.22:5070' };

/** Columns that come first in both `show channels` and `show calls`. */
function party(leg: Leg): Record<string, string> {
  const inbound = leg.direction === 'inbound';
  return {
    uuid: leg.uuid,
    direction: leg.direction,
    created: new Date(leg.createdAtMs).toISOString().slice(0, 19).replace('T', ' '),
    created_epoch: String(Math.floor(leg.createdAtMs / 1000)),
    name: inbound ? `sofia/${leg.profile}/${CALLER.number}@${CALLER.address}` : calleeUri(leg),
    state: inbound ? 'CS_EXECUTE' : 'CS_EXCHANGE_MEDIA',
    cid_name: CALLER.name,
    cid_num: CALLER.number,
    ip_addr: CALLER.address,
    dest: leg.number,
  };
}

function callee(leg: Leg): Record<string, string> {
  const name = leg.bridged ? CALLEE.name : '';
  const number = leg.bridged ? leg.number : '';
  return { callstate: 'ACTIVE', callee_name: name, callee_num: number, callee_direction: leg.bridged ? 'SEND' : '' };
}

function sentCallee(leg: Leg): Record<string, string> {
  const outbound = leg.direction === 'outbound';
  return {
    sent_callee_name: outbound ? CALLER.name : CALLEE.name,
    sent_callee_num: outbound ? CALLER.number : leg.number,
  };
}

const presence = { presence_id: '', presence_data: '', accountcode: '' };

/** One row of `show channels`, its columns in the recorded order. */
export function channelRow(leg: Leg, switchname: string): Record<string, string> {
  const inbound = leg.direction === 'inbound';
  const codec = { read_codec: 'PCMU', read_rate: '8000', read_bit_rate: '64000' };
  return {
    ...party(leg),
    application: inbound ? (leg.bridged ? 'bridge' : 'echo') : '',
    application_data: inbound && leg.bridged ? calleeUri(leg) : '',
    dialplan: 'XML',
    context: 'public',
    ...codec,
    ...{ write_codec: 'PCMU', write_rate: '8000', write_bit_rate: '64000' },
    secure: '',
    hostname: switchname,
    ...presence,
    ...callee(leg),
    call_uuid: leg.callUuid,
    ...sentCallee(leg),
    initial_cid_name: CALLER.name,
    initial_cid_num: CALLER.number,
    initial_ip_addr: CALLER.address,
    initial_dest: leg.number,
    initial_dialplan: 'XML',
    initial_context: 'public',
  };
}

/** One row of `show calls`: the first leg, then the other with `b_` before each column. */
export function callRow(leg: Leg, other: Leg | null, switchname: string): Record<string, string> {
  const second = other === null ? {} : { ...party(other), ...presence, ...callee(other), ...sentCallee(other) };
  return {
    ...party(leg),
    ...presence,
    ...callee(leg),
    call_uuid: leg.callUuid,
    hostname: switchname,
    ...sentCallee(leg),
    ...Object.fromEntries(Object.entries(second).map(([column, value]) => [`b_${column}`, value])),
    call_created_epoch: String(Math.floor(leg.createdAtMs / 1000)),
  };
}

const calleeUri = (leg: Leg): string => `sofia/${leg.profile}/${leg.number}@${CALLEE.address}`;
