import type { Profile } from './profile';
import { USER_AGENT } from './recorded';
import { headerOf, respond, type SipRequest, type Source, userOf } from './sip-message';
import type { SoftSwitch } from './softswitch';

type Header = readonly [string, string];

const AGENT: Header = ['User-Agent', USER_AGENT];
const ACCEPT: Header = ['Accept', 'application/sdp'];
const ALLOW: Header = ['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY'];
const SUPPORTED: Header = ['Supported', 'path, replaces'];
const ALLOW_EVENTS: Header = ['Allow-Events', 'talk, hold, conference, refer'];
const RETRY_AFTER: Header = ['Retry-After', '300'];

/** Why a profile takes nothing new. Busy is tested first, and hides the standby (sofia.c, `sofia_event_callback`). */
export type Refusal = 'standby' | 'busy' | null;

/** FACTS 5, one column for each value of `sip-options-respond-503-on-busy`. */
export function optionsRefusal(system: SoftSwitch, profile: Profile): Refusal {
  if (profile.settings.respond503OnBusy) return callRefusal(system, profile);
  return profile.standby ? 'standby' : null;
}

/** INVITE and REGISTER: a pause of the outbound direction does not matter to them. */
export function callRefusal(system: SoftSwitch, profile: Profile): Refusal {
  if (system.paused.inbound || system.full) return 'busy';
  return profile.standby ? 'standby' : null;
}

/** All datagrams that go back for one request, in order. A REGISTER may have to wait for the database. */
export function answer(
  system: SoftSwitch,
  profile: Profile,
  request: SipRequest,
  source: Source,
): Buffer[] | Promise<Buffer[]> {
  switch (request.method) {
    case 'OPTIONS':
      return [options(system, profile, request, source)];
    case 'INVITE':
      return invite(system, profile, request, source);
    case 'REGISTER':
      return register(system, profile, request, source);
    case 'BYE':
      return [bye(system, request, source)];
    case 'ACK':
      return [];
    default:
      return [respond(request, source, '405 Method Not Allowed', [AGENT, ALLOW, SUPPORTED])];
  }
}

function options(system: SoftSwitch, profile: Profile, request: SipRequest, source: Source): Buffer {
  const refusal = optionsRefusal(system, profile);
  if (refusal !== null) return refuse(request, source, refusal, [ALLOW, SUPPORTED, ALLOW_EVENTS]);
  const contact: Header = ['Contact', `<sip:${profile.settings.publicAddress}>`];
  return respond(request, source, '200 OK', [contact, AGENT, ACCEPT, ALLOW, SUPPORTED, ALLOW_EVENTS]);
}

/** Answers like an echo extension. Signalling only: nothing listens on the media port. */
function invite(system: SoftSwitch, profile: Profile, request: SipRequest, source: Source): Buffer[] {
  const refusal = callRefusal(system, profile);
  if (refusal !== null) return [refuse(request, source, refusal, [ACCEPT, ALLOW, SUPPORTED, ALLOW_EVENTS])];
  const { publicAddress, publicPort } = profile.settings;
  const user = userOf(request.uri);
  const callId = headerOf(request, 'Call-ID') ?? '';
  if (!system.calls.hasSipCall(callId)) system.calls.addIncoming(callId, user, profile.name);
  const contact: Header = ['Contact', `<sip:${user}@${publicAddress}:${publicPort};transport=udp>`];
  const content: Header[] = [
    ['Content-Type', 'application/sdp'],
    ['Content-Disposition', 'session'],
  ];
  const party: Header = [
    'Remote-Party-ID',
    `"${user}" <sip:${user}@${publicAddress}>;party=calling;privacy=off;screen=no`,
  ];
  return [
    respond(request, source, '100 Trying', [AGENT], { tag: false }),
    respond(request, source, '200 OK', [contact, AGENT, ACCEPT, ALLOW, SUPPORTED, ALLOW_EVENTS, ...content], {
      body: sessionDescription(publicAddress, system.clockMs()),
      lastHeaders: [party],
    }),
  ];
}

function bye(system: SoftSwitch, request: SipRequest, source: Source): Buffer {
  const known = system.calls.endSipCall(headerOf(request, 'Call-ID') ?? '');
  return respond(request, source, known ? '200 OK' : '481 Call Does Not Exist', [AGENT, ALLOW, SUPPORTED]);
}

async function register(system: SoftSwitch, profile: Profile, request: SipRequest, source: Source): Promise<Buffer[]> {
  const refusal = callRefusal(system, profile);
  if (refusal !== null) return [refuse(request, source, refusal, [ALLOW, SUPPORTED])];
  const verdict = await system.registrar.register(profile, request, source);
  if (!verdict.ok) {
    const stale = verdict.stale ? 'stale=true, ' : '';
    const challenge: Header = [
      'WWW-Authenticate',
      `Digest realm="${profile.settings.realm}", nonce="${verdict.nonce}", ${stale}algorithm=MD5, qop="auth"`,
    ];
    return [respond(request, source, '401 Unauthorized', [AGENT, ALLOW, SUPPORTED, challenge])];
  }
  const contact: Header = ['Contact', `${verdict.contact};expires=${verdict.expiresS}`];
  const date: Header = ['Date', new Date(system.clockMs()).toUTCString()];
  return [respond(request, source, '200 OK', [contact, date, AGENT, ALLOW, SUPPORTED])];
}

/** Only a full or paused node asks to be left alone for 300 s; a standby does not. */
function refuse(request: SipRequest, source: Source, refusal: 'standby' | 'busy', abilities: Header[]): Buffer {
  return refusal === 'standby'
    ? respond(request, source, '503 System Paused', [AGENT, ...abilities])
    : respond(request, source, '503 Maximum Calls In Progress', [RETRY_AFTER, AGENT, ...abilities]);
}

function sessionDescription(address: string, wallMs: number): string {
  const session = Math.floor(wallMs / 1000);
  return [
    'v=0',
    `o=FreeSWITCH ${session} ${session + 1} IN IP4 ${address}`,
    's=FreeSWITCH',
    `c=IN IP4 ${address}`,
    't=0 0',
    'm=audio 20990 RTP/AVP 0',
    'a=rtpmap:0 PCMU/8000',
    'a=ptime:20',
    '',
  ].join('\r\n');
}
