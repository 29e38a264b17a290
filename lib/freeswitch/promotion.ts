import type { VipTopology } from '../domain/model';
import type { EslConnection } from './esl/connection';
import { PAUSE_INBOUND_COMMAND, PAUSE_OUTBOUND_COMMAND, STATUS_COMMAND, parseCheck, parseStatus } from './esl/status';

/**
 * The global variable that ends the standby of one VIP's profiles on one node. The profiles say
 * `profile-standby="true$${promoted_<vip>}"`: unset is `true`, standby; with `-no` it is `true-no`, which is false
 * (FACTS 8.1). A restarted process has lost it, and is a standby again.
 * A dash is not used in names of variables, so that of a VIP id becomes an underscore.
 */
export function promotedVariable(vipId: string): string {
  return `promoted_${vipId.replaceAll('-', '_')}`;
}

export const PROMOTED_VALUE = '-no';
/** What `global_getvar` says of a variable that is not set (FACTS 1). */
const UNSET = '-ERR no reply';

/** What a step on the node came to: `ok`, with what may explain a later failure; or why not, for a human. */
export type NodeStepResult = { ok: true; note?: string } | { ok: false; reason: string };

/** Ids and profile names go into commands, where a space would start another argument. */
export function unsafeName(vip: Pick<VipTopology, 'id' | 'profiles'>): string | null {
  const names = [vip.id, ...vip.profiles];
  return names.find((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) ?? null;
}

/** Whether this incarnation was promoted for the VIP, as far as can be read (FACTS 8.1). */
export async function isPromoted(esl: EslConnection, vipId: string, leftMs: () => number): Promise<boolean> {
  return (await esl.api(`global_getvar ${promotedVariable(vipId)}`, leftMs())).trim() === PROMOTED_VALUE;
}

/**
 * Null where a node that says `Maximum Calls In Progress` is full: it serves the calls that it has. The same is said by
 * one that is paused, that shuts down, or whose profile does not run yet (sofia.c, `unavailable`).
 */
export async function whyNotFull(esl: EslConnection, leftMs: () => number): Promise<string | null> {
  const paused = whyPaused(esl, PAUSE_INBOUND_COMMAND, await esl.api(PAUSE_INBOUND_COMMAND, leftMs()));
  if (paused !== null) return paused;
  const status = parseStatus(await esl.api(STATUS_COMMAND, leftMs()));
  const [sessions, limit] = [status?.sessions ?? null, status?.sessionLimit ?? null];
  if (sessions === null || limit === null) return 'it does not tell how many sessions it has, and may have';
  if (sessions >= limit) return null;
  return `it is not full (${sessions} of ${limit} sessions): its profile does not run, or it shuts down`;
}

/** Null where `fsctl pause_check` said that it is not paused. */
function whyPaused(esl: Pick<EslConnection, 'quote'>, command: string, reply: string): string | null {
  const paused = parseCheck(reply);
  if (paused === true) return 'it is paused: `fsctl resume` there ends that';
  return paused === false ? null : `\`${command}\` said "${esl.quote(reply)}", neither true nor false`;
}

/** Null where it is paused in neither direction. Pipelined: one round trip. */
export async function whyPausedEitherWay(esl: EslConnection, leftMs: () => number): Promise<string | null> {
  const [inbound, outbound] = await Promise.all([
    esl.api(PAUSE_INBOUND_COMMAND, leftMs()),
    esl.api(PAUSE_OUTBOUND_COMMAND, leftMs()),
  ]);
  return whyPaused(esl, PAUSE_INBOUND_COMMAND, inbound) ?? whyPaused(esl, PAUSE_OUTBOUND_COMMAND, outbound);
}

/** Takes the promotion back, from the next rescan on, and reads that it is gone. An empty variable is an unset one. */
export async function clearPromoted(esl: EslConnection, vipId: string, leftMs: () => number): Promise<NodeStepResult> {
  const variable = promotedVariable(vipId);
  await esl.api(`global_setvar ${variable}=`, leftMs());
  const value = (await esl.api(`global_getvar ${variable}`, leftMs())).trim();
  if (value === '' || value === UNSET) return { ok: true };
  return { ok: false, reason: `${variable} reads "${esl.quote(value)}" after it was cleared` };
}

/** Sets the variable and reads it back: the only trace of a promotion that can be read (FACTS 8.1). */
export async function setPromoted(esl: EslConnection, vipId: string, leftMs: () => number): Promise<NodeStepResult> {
  const variable = promotedVariable(vipId);
  await esl.api(`global_setvar ${variable}=${PROMOTED_VALUE}`, leftMs());
  const value = await esl.api(`global_getvar ${variable}`, leftMs());
  if (value.trim() === PROMOTED_VALUE) return { ok: true };
  return { ok: false, reason: `${variable} reads "${esl.quote(value)}" after it was set to ${PROMOTED_VALUE}` };
}

/** Rescans all profiles of a VIP, in order. Ends at the first that refuses; the note is the last profile's. */
export async function rescanAll(
  esl: EslConnection,
  profiles: readonly string[],
  leftMs: () => number,
): Promise<NodeStepResult> {
  let last: NodeStepResult = { ok: true };
  for (const profile of profiles) {
    last = await rescan(esl, profile, leftMs);
    if (!last.ok) return last;
  }
  return last;
}

/**
 * Makes one profile read its configuration again; calls stay. Works while the database is away (FACTS 8.1). Where the
 * files on the node cannot be read it goes through the old configuration once more, in which nothing was promoted.
 */
export async function rescan(esl: EslConnection, profile: string, leftMs: () => number): Promise<NodeStepResult> {
  const reply = await esl.api(`sofia profile ${profile} rescan`, leftMs());
  if (reply.includes('+OK scan complete')) {
    if (reply.includes('Reload XML [Success]')) return { ok: true };
    return { ok: true, note: `its configuration was not read again ("${esl.quote(reply)}"): mend the files on it` };
  }
  return { ok: false, reason: `rescan of ${profile} said "${esl.quote(reply)}": is the profile configured there?` };
}
