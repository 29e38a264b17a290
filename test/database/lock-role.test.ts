/** A lock is proved by looks at who is signed in: here what each look finds is told, so that none is a matter of luck. */
import type { QueryResult, QueryResultRow } from 'pg';
import { lockRole, otherWriters } from '../../lib/database/lock-role';
import type { RoleSessions } from '../../lib/domain/call-recovery';

const ROLE = 'node_node_1';
const PLENTY_MS = () => 3_000;
const NONE_LEFT = () => 1;

/** A database in which one look after another finds this. @param saw what is found once all of it was */
function database<T>(looks: T[], saw: T, rowsOf: (look: T) => QueryResultRow[]) {
  const asked: string[] = [];
  const query = async (sql: string): Promise<QueryResult> => {
    const order = /lock_node|end_node_sessions/.exec(sql)?.[0];
    asked.push(order ?? 'look');
    const rows = order === undefined ? rowsOf(looks.shift() ?? saw) : [];
    return { rows, rowCount: rows.length, command: '', oid: 0, fields: [] };
  };
  return { queries: { query }, asked };
}

const signedIn = (...looks: number[][]) => database(looks, [], (pids) => pids.map((pid) => ({ pid })));

describe('a lock', () => {
  it('comes first, ends who is signed in, and is proved by two looks that find nobody', async () => {
    const { queries, asked } = signedIn([7, 8]);

    expect(await lockRole(queries, ROLE, PLENTY_MS)).toEqual({ sessionsEnded: 2, left: 0 });
    expect(asked).toEqual(['lock_node', 'look', 'end_node_sessions', 'look', 'look']);
  });

  it.each<[string, number[][]]>([
    ['who was signing in when it was committed', [[], [7]]],
    ['and who was then still signing in', [[], [7], [], [8]]],
  ])('ends %s', async (_who, looks) => {
    const { queries, asked } = signedIn(...looks);
    const sessions = new Set(looks.flat()).size;

    expect(await lockRole(queries, ROLE, PLENTY_MS)).toEqual({ sessionsEnded: sessions, left: 0 });
    expect(asked.filter((each) => each === 'end_node_sessions')).toHaveLength(sessions);
    expect(asked.slice(-2)).toEqual(['look', 'look']);
  });

  it('says how many had not ended when its time was over', async () => {
    const { queries } = signedIn([7, 8]);

    expect(await lockRole(queries, ROLE, NONE_LEFT)).toEqual({ sessionsEnded: 0, left: 2 });
  });
});

describe('whoever else is signed in from a node', () => {
  const from = { role: ROLE, address: '10.0.0.10' };
  const own: RoleSessions = { role: ROLE, sessions: 1, writes: true };
  const reader: RoleSessions = { role: 'reader', sessions: 1, writes: false };
  const writer: RoleSessions = { role: 'somebody', sessions: 2, writes: true };
  const found = (looks: (RoleSessions[] | null)[], saw: RoleSessions[] | null) =>
    database(looks, saw, (sessions) => [{ found: sessions }]).queries;

  it('counts where it may write, and is not the node by its own role', async () => {
    expect(await otherWriters(found([], [own, reader, writer]), from, NONE_LEFT)).toEqual([writer]);
    expect(await otherWriters(found([], [own, reader]), from, NONE_LEFT)).toEqual([]);
  });

  it('is waited for: a process that was killed a moment ago closes its sessions one by one', async () => {
    expect(await otherWriters(found([[writer], [writer]], []), from, PLENTY_MS)).toEqual([]);
  });

  it('is not known where nobody may see where sessions come from', async () => {
    expect(await otherWriters(found([], null), from, PLENTY_MS)).toBeNull();
  });
});
