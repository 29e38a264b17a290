/**
 * What `api json {"command":"status"}` says. It is answered from memory, also while the database is away, which
 * `show channels` is not (FACTS 2).
 */
export const STATUS_COMMAND = 'json {"command":"status","data":""}';
/**
 * `fsctl pause` sets both flags, and `fsctl resume inbound` after it leaves the other. The status says "not ready" only
 * where both are set, although new calls get 503 by the first, and no call gets further by the second (FACTS 4).
 */
export const PAUSE_INBOUND_COMMAND = 'fsctl pause_check inbound';
export const PAUSE_OUTBOUND_COMMAND = 'fsctl pause_check outbound';
/**
 * True from `fsctl shutdown elegant` or `asap` until the last call has ended, or until `fsctl shutdown cancel`. Nothing
 * else tells of `elegant`: new calls are taken, and the SHUTDOWN event comes at its end (FACTS 4).
 */
export const SHUTDOWN_PENDING_COMMAND = 'fsctl shutdown_check';
export const CORE_UUID_COMMAND = 'global_getvar core_uuid';

export interface NodeStatus {
  ready: boolean | null;
  /** Sessions now; a bridged call is two. */
  sessions: number | null;
  /** More than this, and an INVITE gets 503 Maximum Calls In Progress. */
  sessionLimit: number | null;
}

/** Null when the reply is not that JSON: the node is alive, but says nothing that we understand. */
export function parseStatus(reply: string): NodeStatus | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(reply);
  } catch {
    return null;
  }
  const response = field(parsed, 'response');
  if (field(parsed, 'status') !== 'success' || typeof response !== 'object' || response === null) return null;
  const systemStatus = field(response, 'systemStatus');
  const count = field(field(response, 'sessions'), 'count');
  return {
    ready: systemStatus === 'ready' ? true : systemStatus === 'not ready' ? false : null,
    sessions: wholeNumber(field(count, 'active')),
    sessionLimit: wholeNumber(field(count, 'limit')),
  };
}

/** What an `fsctl …_check` says; null when the reply is neither yes nor no, as a version says that does not know it. */
export function parseCheck(reply: string): boolean | null {
  const text = reply.trim();
  return text === 'true' ? true : text === 'false' ? false : null;
}

/** The id of this incarnation of the process, or null when the reply is not one (`-ERR no reply`). */
export function parseCoreUuid(reply: string): string | null {
  const text = reply.trim();
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text) ? text : null;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function wholeNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
