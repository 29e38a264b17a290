/** Locking a node out: NOLOGIN for what would come, and an end to what is there (FACTS 8.4: one without the other is nothing). */
import { setTimeout as sleep } from 'node:timers/promises';

import type { RoleSessions } from '../domain/call-recovery';
import { isOlderSchema } from './failures';
import { OUR_SCHEMA } from './names';
import type { Queries } from './session';

const LOOK_AGAIN_MS = 20;
/** One that was signing in while NOLOGIN was committed shows up a moment later: it must be missing twice in a row. */
const EMPTY_LOOKS = 2;

/** Not to be run inside a transaction: NOLOGIN must be committed before sessions are looked for. Its end is the caller's deadline. */
export async function lockRole(
  queries: Queries,
  role: string,
  leftMs: () => number,
): Promise<{ sessionsEnded: number; left: number }> {
  await queries.query(`select ${OUR_SCHEMA}.lock_node($1)`, [role]);
  const seen = new Set<number>();
  for (let empty = 0; ; await sleep(LOOK_AGAIN_MS)) {
    const pids = await sessionsOf(queries, role);
    pids.forEach((pid) => seen.add(pid));
    empty = pids.length === 0 ? empty + 1 : 0;
    if (empty >= EMPTY_LOOKS) return { sessionsEnded: seen.size, left: 0 };
    if (leftMs() < LOOK_AGAIN_MS * EMPTY_LOOKS) return { sessionsEnded: seen.size - pids.length, left: pids.length };
    if (pids.length > 0) await queries.query(`select ${OUR_SCHEMA}.end_node_sessions($1)`, [role]);
  }
}

export async function unlockRole(queries: Queries, role: string): Promise<void> {
  await queries.query(`select ${OUR_SCHEMA}.unlock_node($1)`, [role]);
}

/** A process that was killed a moment ago: its sockets are closed, and its sessions go one by one. */
const DYING_MS = 200;

/** Null: we may not see where sessions come from. */
export async function sessionsFrom(queries: Queries, address: string): Promise<RoleSessions[] | null> {
  try {
    const { rows } = await queries.query<{ found: RoleSessions[] | null }>(
      `select ${OUR_SCHEMA}.sessions_from($1) as found`,
      [address],
    );
    return rows[0]?.found ?? null;
  } catch (error) {
    if (isOlderSchema(error)) return null;
    throw error;
  }
}

/** Roles other than the node's own by which somebody behind its address may still write rows; null: cannot be seen. */
export async function otherWriters(
  queries: Queries,
  { role, address }: { role: string; address: string },
  leftMs: () => number,
): Promise<RoleSessions[] | null> {
  const untilMs = leftMs() - DYING_MS;
  for (;;) {
    const found = await sessionsFrom(queries, address);
    const others = found?.filter((each) => each.writes && each.role !== role) ?? null;
    if (others === null || others.length === 0 || leftMs() < Math.max(untilMs, LOOK_AGAIN_MS)) return others;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Everybody may see who is connected; what they do is hidden from us, and not needed. */
async function sessionsOf(queries: Queries, role: string): Promise<number[]> {
  const { rows } = await queries.query<{ pid: number }>('select pid from pg_stat_activity where usename = $1', [role]);
  return rows.map(({ pid }) => pid);
}
