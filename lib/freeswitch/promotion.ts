import type { VipTopology } from '../domain/model';
import type { EslConnection } from './esl/connection';
import { PAUSE_COMMAND } from './esl/status';

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

/** What a step on the node came to: `ok`, or why not, for a human. */
export type NodeStepResult = { ok: true } | { ok: false; reason: string };

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
 * Null where a node that says `Maximum Calls In Progress` is full: it serves the calls that it has. A paused one says
 * the same and takes none for as long as nobody resumes it.
 */
export async function whyNotFull(esl: EslConnection, leftMs: () => number): Promise<string | null> {
  const reply = await esl.api(PAUSE_COMMAND, leftMs());
  const paused = reply.trim();
  if (paused === 'false') return null;
  if (paused === 'true') return 'it is paused: `fsctl resume` there ends that';
  return `\`${PAUSE_COMMAND}\` said "${esl.quote(reply)}", neither true nor false`;
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

/** Rescans all profiles of a VIP, in order. Ends at the first that refuses. */
export async function rescanAll(
  esl: EslConnection,
  profiles: readonly string[],
  leftMs: () => number,
): Promise<NodeStepResult> {
  for (const profile of profiles) {
    const scanned = await rescan(esl, profile, leftMs);
    if (!scanned.ok) return scanned;
  }
  return { ok: true };
}

/** Makes one profile read its configuration again; calls stay. Works while the database is away (FACTS 8.1). */
export async function rescan(esl: EslConnection, profile: string, leftMs: () => number): Promise<NodeStepResult> {
  const reply = await esl.api(`sofia profile ${profile} rescan`, leftMs());
  if (reply.includes('+OK scan complete')) return { ok: true };
  return { ok: false, reason: `rescan of ${profile} said "${esl.quote(reply)}": is the profile configured there?` };
}
