import { create } from 'xmlbuilder2';
import type { Leg } from './leg';
import type { RecoveryRow } from './rows/row-store';

/** Who writes the row. */
export interface Writer {
  coreUuid: string;
  switchname: string;
}

/**
 * A leg as a row of FreeSWITCH's table `recovery`: an XML document with one variable an element, values URL-encoded
 * except `/` and `.`. A real one has 7 to 11 kB of variables; these are the ones that decide about its survival. Those
 * that begin with `standin_` tell the next stand-in what the party on the other side is like.
 */
export function rowOf(leg: Leg, writer: Writer): RecoveryRow {
  return {
    runtimeUuid: writer.coreUuid,
    profileName: leg.profile,
    hostname: writer.switchname,
    uuid: leg.uuid,
    metadata: metadataOf(leg, writer),
  };
}

function metadataOf(leg: Leg, writer: Writer): string {
  const document = create().ele('cdr', { 'core-uuid': writer.coreUuid, switchname: writer.switchname });
  const channel = document.ele('channel_data');
  channel.ele('state').txt(leg.direction === 'inbound' ? 'CS_EXECUTE' : 'CS_CONSUME_MEDIA');
  channel.ele('direction').txt(leg.direction);
  const variables = document.ele('variables');
  for (const [name, value] of variablesOf(leg)) variables.ele(name).txt(urlEncode(value));
  const caller = document.ele('callflow', { dialplan: 'XML' }).ele('caller_profile');
  caller.ele('uuid').txt(leg.uuid);
  caller.ele('destination_number').txt(leg.number);
  return document.end({ headless: true, prettyPrint: true });
}

function variablesOf(leg: Leg): [string, string][] {
  const inbound = leg.direction === 'inbound';
  const { localIp, localPort, advertisedIp } = leg.media;
  const bond = leg.partner;
  return [
    ['direction', leg.direction],
    ['uuid', leg.uuid],
    ...when(inbound, ['sip_via_protocol', leg.transport]),
    ['sip_full_via', `SIP/2.0/${leg.transport.toUpperCase()} 203.0.113.21:5060;branch=z9hG4bK${leg.uuid.slice(0, 8)}`],
    ['recovery_profile_name', leg.profile],
    ['sip_call_id', leg.sipCallId],
    ['call_uuid', leg.callUuid],
    ...(bond === null ? [] : pairs(['signal_bond', bond], ['bridge_to', bond], ['last_bridge_to', bond])),
    ...(inbound ? [] : pairs(['originator', leg.callUuid], ['originating_leg_uuid', leg.callUuid])),
    ['local_media_ip', localIp],
    ['local_media_port', String(localPort)],
    ['advertised_media_ip', advertisedIp],
    ['standin_number', leg.number],
    ['standin_peer', leg.peer],
    ['standin_created_ms', String(leg.createdAtMs)],
    ...(leg.lastCSeq === null ? [] : pairs(['standin_last_cseq', String(leg.lastCSeq)])),
  ];
}

/** The leg that a row describes, or null for one that no stand-in could rebuild: another process wrote it. */
export function legOf(row: RecoveryRow): Leg | null {
  const read = (name: string): string | null => {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(row.metadata)?.[1];
    return found === undefined ? null : decode(found);
  };
  const direction = read('direction');
  const localIp = read('local_media_ip');
  if ((direction !== 'inbound' && direction !== 'outbound') || localIp === null) return null;
  const peer = read('standin_peer');
  const lastCSeq = read('standin_last_cseq');
  return {
    uuid: row.uuid,
    direction,
    callUuid: read('call_uuid') ?? row.uuid,
    profile: row.profileName,
    number: read('standin_number') ?? '',
    createdAtMs: Number(read('standin_created_ms') ?? 0),
    answered: true,
    partner: read('bridge_to') ?? read('signal_bond'),
    // Nothing is joined until its partner is there too.
    bridged: false,
    sipCallId: read('sip_call_id') ?? '',
    transport: transportOf(read('sip_via_protocol'), read('sip_full_via')),
    peer: peer === 'gone' || peer === 'unreachable' ? peer : 'well',
    media: {
      localIp,
      localPort: Number(read('local_media_port') ?? 0),
      advertisedIp: read('advertised_media_ip') ?? localIp,
    },
    lastCSeq: lastCSeq === null ? null : Number(lastCSeq),
  };
}

/** Only an inbound leg has the variable; the Via is there in both directions. */
function transportOf(protocol: string | null, via: string | null): Leg['transport'] {
  const text = (protocol ?? /^SIP\/2\.0\/(\w+)/.exec(via ?? '')?.[1] ?? 'udp').toLowerCase();
  if (text === 'udp' || text === 'tls') return text;
  return 'tcp';
}

const pairs = (...list: [string, string][]): [string, string][] => list;
const when = (condition: boolean, pair: [string, string]): [string, string][] => (condition ? [pair] : []);

/** FreeSWITCH leaves `/` and `.` as they are, so that an IPv4 address is readable (and replaceable) in a row. */
const urlEncode = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/');

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
