import { assertNever } from '../../lib/domain/model';

export type EventFormat = 'plain' | 'json' | 'xml';

/** An event with its headers in the order in which they go over the wire. */
export interface SwitchEvent {
  name: string;
  /** Of CUSTOM events, for example `sofia::profile_start`. */
  subclass: string | null;
  headers: readonly (readonly [string, string])[];
  /** The result of a background job. */
  body: string | null;
}

/** Where in FreeSWITCH's source an event comes from: recorded, and meaningless to everyone. */
export interface Origin {
  file: string;
  function: string;
  line: number;
}

export interface Identity {
  coreUuid: string;
  hostname: string;
  switchname: string;
  address: string;
}

/** The headers that each event begins with. */
export function commonHeaders(
  name: string,
  subclass: string | null,
  identity: Identity,
  origin: Origin,
  sequence: number,
  wallMs: number,
): [string, string][] {
  const iso = new Date(wallMs).toISOString();
  return [
    ...(subclass === null ? [] : [['Event-Subclass', subclass] satisfies [string, string]]),
    ['Event-Name', name],
    ['Core-UUID', identity.coreUuid],
    ['FreeSWITCH-Hostname', identity.hostname],
    ['FreeSWITCH-Switchname', identity.switchname],
    ['FreeSWITCH-IPv4', identity.address],
    ['FreeSWITCH-IPv6', '::1'],
    ['Event-Date-Local', `${iso.slice(0, 10)} ${iso.slice(11, 19)}`],
    ['Event-Date-GMT', new Date(wallMs).toUTCString()],
    ['Event-Date-Timestamp', String(wallMs * 1000)],
    ['Event-Calling-File', origin.file],
    ['Event-Calling-Function', origin.function],
    ['Event-Calling-Line-Number', String(origin.line)],
    ['Event-Sequence', String(sequence)],
  ];
}

/**
 * One event as bytes. Note the order: `Content-Length` before `Content-Type`, unlike an api reply, and no newline
 * after a JSON body.
 */
export function encodeEvent(event: SwitchEvent, format: EventFormat): string {
  const payload = payloadOf(event, format);
  return `Content-Length: ${Buffer.byteLength(payload)}\nContent-Type: text/event-${format}\n\n${payload}`;
}

function payloadOf(event: SwitchEvent, format: EventFormat): string {
  switch (format) {
    case 'plain':
      return plain(event);
    case 'json':
      return json(event);
    case 'xml':
      return xml(event);
    default:
      return assertNever(format);
  }
}

function plain(event: SwitchEvent): string {
  const lines = event.headers.map(([key, value]) => `${key}: ${urlEncode(value)}\n`).join('');
  return event.body === null
    ? `${lines}\n`
    : `${lines}Content-Length: ${Buffer.byteLength(event.body)}\n\n${event.body}`;
}

function json(event: SwitchEvent): string {
  const body =
    event.body === null ? {} : { 'Content-Length': String(Buffer.byteLength(event.body)), _body: event.body };
  return JSON.stringify({ ...Object.fromEntries(event.headers), ...body });
}

function xml(event: SwitchEvent): string {
  const headers = event.headers.map(([key, value]) => `    <${key}>${urlEncode(value)}</${key}>\n`).join('');
  const body = event.body === null ? '' : `  <Content-Length>${Buffer.byteLength(event.body)}</Content-Length>\n`;
  const text = event.body === null ? '' : `  <body>${escapeXml(event.body)}</body>\n`;
  return `<event>\n  <headers>\n${headers}  </headers>\n${body}${text}</event>\n`;
}

/** FreeSWITCH's own percent encoding: commas, slashes, tildes and parentheses stay. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text).replace(/%(2C|2F|24)/g, (escape) => decodeURIComponent(escape));
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Names that `event` and `nixevent` accept; anything else is not a keyword. */
export const EVENT_NAMES: ReadonlySet<string> = new Set(
  `CUSTOM CLONE CHANNEL_CREATE CHANNEL_DESTROY CHANNEL_STATE CHANNEL_CALLSTATE CHANNEL_ANSWER CHANNEL_HANGUP
  CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HOLD CHANNEL_UNHOLD CHANNEL_BRIDGE
  CHANNEL_UNBRIDGE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_UNPARK
  CHANNEL_APPLICATION CHANNEL_ORIGINATE CHANNEL_UUID API LOG INBOUND_CHAN OUTBOUND_CHAN STARTUP SHUTDOWN PUBLISH
  UNPUBLISH TALK NOTALK SESSION_CRASH MODULE_LOAD MODULE_UNLOAD DTMF MESSAGE PRESENCE_IN NOTIFY_IN PRESENCE_OUT
  PRESENCE_PROBE MESSAGE_WAITING MESSAGE_QUERY ROSTER CODEC BACKGROUND_JOB DETECTED_SPEECH DETECTED_TONE
  PRIVATE_COMMAND HEARTBEAT TRAP ADD_SCHEDULE DEL_SCHEDULE EXE_SCHEDULE RE_SCHEDULE RELOADXML NOTIFY PHONE_FEATURE
  PHONE_FEATURE_SUBSCRIBE SEND_MESSAGE RECV_MESSAGE REQUEST_PARAMS CHANNEL_DATA GENERAL COMMAND SESSION_HEARTBEAT
  CLIENT_DISCONNECTED SERVER_DISCONNECTED SEND_INFO RECV_INFO RECV_RTCP_MESSAGE SEND_RTCP_MESSAGE CALL_SECURE NAT
  RECORD_START RECORD_STOP PLAYBACK_START PLAYBACK_STOP CALL_UPDATE FAILURE SOCKET_DATA MEDIA_BUG_START
  MEDIA_BUG_STOP CONFERENCE_DATA_QUERY CONFERENCE_DATA CALL_SETUP_REQ CALL_SETUP_RESULT CALL_DETAIL DEVICE_STATE
  SHUTDOWN_REQUESTED ALL`.split(/\s+/),
);
