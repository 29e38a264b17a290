import type { NodeTopology, VipTopology } from '../../../lib/domain/model';
import type { Place } from './exchange';
import { type Reading, readConnection } from '../reference/esl-reading';
import { settle } from '../virtual-time';

export const CORE_UUID = 'api global_getvar core_uuid';
export const STATUS = 'api json {"command":"status","data":""}';
export const PAUSE_INBOUND = 'api fsctl pause_check inbound';
export const SHUTDOWN_PENDING = 'api fsctl shutdown_check';
export const PAUSE_OUTBOUND = 'api fsctl pause_check outbound';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What was said up to now. Over real sockets the product may know an answer that came too early before the peer has
 * read the question: that lies in the peer's socket, and the next turn of the loop reads it.
 */
export async function readings({ log, real }: Place): Promise<Reading[]> {
  if (!real) return log.connections.map((each) => readConnection(each, false));
  const now = log.mark();
  for (let turns = 0; turns < 2; turns += 1) await settle();
  return log.connections.map(({ entries }) => {
    const known = entries.filter(({ order, kind }) => kind === 'client' || order < now);
    return readConnection({ entries: known }, true);
  });
}

/** The last reply to a command that was sent after `since` and answered. */
export function lastReply(reading: Reading, command: string, since = 0): string | null {
  return reading.replies.findLast((reply) => reply.command === command && reply.askedAt >= since)?.text ?? null;
}

/** What came for the first of several such questions. */
export function firstReply(reading: Reading, command: string): string | null {
  return reading.replies.find((reply) => reply.command === command)?.text ?? null;
}

export function asUuid(text: string | null): string | null {
  return text !== null && UUID.test(text.trim()) ? text.trim() : null;
}

export interface ReadStatus {
  ready: boolean | null;
  sessions: number | null;
  limit: number | null;
}

/** What a status says; null where it is none, or a part of it where that part is missing. */
export function readStatus(text: string | null): ReadStatus | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  const at = (...path: string[]): unknown =>
    path.reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      parsed,
    );
  const count = (value: unknown): number | null =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
  const system = at('response', 'systemStatus');
  if (at('status') !== 'success') return null;
  return {
    ready: system === 'ready' ? true : system === 'not ready' ? false : null,
    sessions: count(at('response', 'sessions', 'count', 'active')),
    limit: count(at('response', 'sessions', 'count', 'limit')),
  };
}

/** Text for humans is one printable line without the password. */
export function textProblems(text: string, password: string): string[] {
  const problems: string[] = [];
  if (!/^[\x20-\x7e]*$/.test(text))
    problems.push(`a message that is not one printable line: ${JSON.stringify(text.slice(0, 200))}`);
  if (text.length > 1_000) problems.push(`a message of ${text.length} characters`);
  if (text.includes(password)) problems.push('a message that holds the password');
  return problems;
}

export function nodeAt({ host, eslPort }: Place): NodeTopology {
  return {
    id: 'node-a',
    zone: 'zone-a',
    instanceId: 'i-a',
    managementAddress: host,
    eslPort,
    fingerprint: null,
    networkInterfaceId: 'eni-a',
    vipAddresses: { main: host },
    databaseRole: null,
  };
}

/** Two profiles: a recovery then has two jobs at once. */
export function vipAt({ sipPort }: Place): VipTopology {
  return {
    id: 'main',
    elasticIp: null,
    privateDns: null,
    profiles: ['external', 'second'],
    sipPort,
    candidates: ['node-a'],
    manualOnly: [],
    firstHolder: null,
    serviceAddress: null,
    group: null,
  };
}
