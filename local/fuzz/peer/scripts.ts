import type { Recording, Recordings } from '../recordings';

/** What comes after a command (null: after the connection is made). The number counts commands from 1. */
export type Script = (command: string | null, nth: number) => (Buffer | 'fin' | 'reset')[];

/** Something that a node can be. Each makes another verdict right. */
export interface Persona {
  coreUuid: string;
  password: string;
  paused: boolean;
  ready: boolean;
  /** A shutdown waits for the last call. */
  shutdownPending: boolean;
  sessions: number;
  limit: number;
  profiles: string[];
  promoted: boolean;
  /** Whether `fsctl shutdown now` closes the connection, as it must. */
  dies: boolean;
  /** Job ids are answered with this event format. */
  format: 'json' | 'plain';
}

export const GREETING = 'Content-Type: auth/request\n\n';
export const ACCEPTED = commandReply('+OK accepted');
export const NOTICE =
  'Content-Type: text/disconnect-notice\nContent-Length: 67\n\n' +
  'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';
export const SHUTDOWN = 'Content-Type: text/disconnect-notice\nContent-Length: 31\n\nThe system is being shut down.\n';
export const RUDE = 'Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n';

export function commandReply(text: string, headers = ''): string {
  return `Content-Type: command/reply\nReply-Text: ${text}\n${headers}\n`;
}

export function apiResponse(body: string): string {
  return `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
}

/** As FreeSWITCH frames it: length before type, values escaped in plain text only. */
export function eventFrame(format: 'json' | 'plain', values: Record<string, string>, body = ''): string {
  const all = body === '' ? values : { ...values, 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${encodeURIComponent(value)}\n`);
  const text =
    format === 'plain' ? `${lines.join('')}\n${body}` : JSON.stringify(body === '' ? all : { ...all, _body: body });
  return `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-${format}\n\n${text}`;
}

/** A FreeSWITCH that does what the facts say, in the bytes of the recordings where there are some. */
export function honestScript(persona: Persona, recordings: Recordings): Script {
  let accepted = false;
  let promoted = persona.promoted;
  const say = (text: string): Buffer[] => [Buffer.from(text)];
  const answer = (command: string): (Buffer | 'fin' | 'reset')[] => {
    if (command.startsWith('auth ')) {
      accepted = command === `auth ${persona.password}`;
      return accepted ? say(ACCEPTED) : [...say(commandReply('-ERR invalid') + NOTICE), 'fin'];
    }
    if (!accepted) return say(commandReply('-ERR command not found'));
    if (command === 'api fsctl shutdown now' && persona.dies) return ['fin'];
    const setting = /^api global_setvar promoted_\w+=(.*)$/.exec(command);
    if (setting !== null) promoted = setting[1] === '-no';
    const text = textOf(command, persona, promoted);
    if (text !== null) return say(text);
    const recorded = recordings.repliesTo.get(command)?.[0];
    return recorded === undefined ? say(apiResponse(`-ERR ${command.slice(4)} Command not found!\n`)) : [recorded];
  };
  return (command) => (command === null ? say(GREETING) : answer(command));
}

function textOf(command: string, persona: Persona, promoted: boolean): string | null {
  if (command.startsWith('bgapi ')) return jobOf(command, persona.format);
  const event = /^event (json|plain) (.*)$/.exec(command);
  if (event !== null) return subscriptionOf(event[1] === 'plain' ? 'plain' : 'json', event[2] ?? '', persona);
  const rescan = /^api sofia profile (\S+) rescan$/.exec(command);
  if (rescan !== null) return apiResponse('Reload XML [Success]\n+OK scan complete\n');
  if (command.startsWith('api global_setvar ')) return apiResponse('+OK\n');
  if (command.startsWith('api global_getvar promoted_')) return apiResponse(promoted ? '-no' : '-ERR no reply\n');
  switch (command) {
    case 'api global_getvar core_uuid':
      return apiResponse(persona.coreUuid);
    case 'api json {"command":"status","data":""}':
      return apiResponse(statusOf(persona));
    case 'api fsctl pause_check inbound':
      return apiResponse(String(persona.paused));
    case 'api fsctl pause_check outbound':
      return apiResponse(String(!persona.ready));
    case 'api fsctl shutdown_check':
      return apiResponse(String(persona.shutdownPending));
    case 'api strmicroepoch':
      return apiResponse(String(Date.UTC(2026, 10, 23) * 1000));
    case 'api sofia status':
      return apiResponse(profilesOf(persona.profiles));
    default:
      return null;
  }
}

function jobOf(command: string, format: 'json' | 'plain'): string {
  const jobUuid = /^Job-UUID: (.*)$/m.exec(command)?.[1] ?? '';
  const reply = commandReply(`+OK Job-UUID: ${jobUuid}`, `Job-UUID: ${jobUuid}\n`);
  const values = { 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': jobUuid, 'Job-Command': 'fsctl' };
  return reply + eventFrame(format, values, '+OK 4 session(s) recovered in total\n');
}

function subscriptionOf(format: 'json' | 'plain', names: string, persona: Persona): string {
  const values = {
    'Event-Name': 'HEARTBEAT',
    'Core-UUID': persona.coreUuid,
    'Event-Date-Timestamp': String(Date.UTC(2026, 10, 23) * 1000),
    'Session-Count': String(persona.sessions),
  };
  const beat = names.includes('HEARTBEAT') ? eventFrame(format, values) : '';
  return commandReply(`+OK event listener enabled ${format}`) + beat;
}

function statusOf({ ready, sessions, limit }: Persona): string {
  const count = { total: sessions + 1, active: sessions, peak: sessions, peak5Min: sessions, limit };
  const response = {
    systemStatus: ready ? 'ready' : 'not ready',
    sessions: { count },
    idleCPU: { used: 0, allowed: 100 },
  };
  return JSON.stringify({ command: 'status', data: '', status: 'success', response });
}

function profilesOf(names: string[]): string {
  const rows = names.map((name) => `${name.padStart(25)}\tprofile\t  sip:mod_sofia@198.51.100.10:5060\tRUNNING (0)\n`);
  const rule = `${'='.repeat(97)}\n`;
  return `Name\t   Type\t  Data\tState\n${rule}${rows.join('')}${rule}${names.length} profiles 0 aliases\n`;
}

/** Plays a recorded session: a command that was recorded gets its own turns, any other the next ones. */
export function recordedScript({ turns, commands }: Recording): Script {
  let position = 0;
  return (command) => {
    if (command !== null) {
      const at = commands.indexOf(command, position);
      position = at === -1 ? position + 1 : at + 1;
    }
    return turns.filter(({ afterCommands }) => afterCommands === position).map(({ data }) => data);
  };
}
