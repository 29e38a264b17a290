/** Established calls of the demo and the tests: put on a holder, and waited for until they can survive it. */
import { assertNever, type ClusterSnapshot } from '../../lib/domain/model';
import type { CallKind } from '../standin/calls';
import type { CallOrder, FreeSwitchProcess } from '../standin/freeswitch-process';
import type { AdministratorsView } from './database';
import { notYet, ready, until } from './until';

/** Some calls of one sort. */
export interface Load extends Pick<CallOrder, 'kind' | 'peer'> {
  count: number;
}

export interface Exchange {
  nodeId: string;
  process: FreeSwitchProcess;
  vipId: string;
}

export interface Watchers {
  /** null: the cluster has no database, so no rows are waited for, and no call will survive. */
  database: AdministratorsView | null;
  snapshot: () => Promise<ClusterSnapshot>;
}

const ROWS_TIMEOUT_MS = 30_000;

/**
 * Resolves when the rows of the answered legs are written (where there is a database), and an observer has read the
 * number of sessions: what the survival ledger will be held against. Calls that were up before are counted too.
 */
export async function establishCalls(exchange: Exchange, loads: readonly Load[], watchers: Watchers): Promise<void> {
  const { nodeId, process, vipId } = exchange;
  const { database, snapshot } = watchers;
  const rowsBefore = (await database?.countLegs()) ?? 0;
  const legsOf = (count: (kind: CallKind) => number): number =>
    loads.reduce((sum, load) => sum + load.count * count(load.kind ?? 'bridged'), 0);
  for (const { count, ...order } of loads) await process.placeCalls(count, { ...order, vip: vipId });
  if (database !== null) await untilWritten(database, rowsBefore + legsOf(rowsOf));
  const sessions = legsOf(sessionsOf);
  await until('an observer has seen the calls', { timeoutMs: ROWS_TIMEOUT_MS, everyMs: 200 }, async () => {
    const seen = (await snapshot()).observations.filter((each) => each.nodeId === nodeId);
    const most = Math.max(0, ...seen.map((each) => each.lastSessions ?? 0));
    return most >= sessions ? ready(true) : notYet(`${most} of ${sessions} sessions seen`);
  });
}

async function untilWritten(database: AdministratorsView, rows: number): Promise<void> {
  await until('the rows of the calls are there', { timeoutMs: ROWS_TIMEOUT_MS, everyMs: 100 }, async () => {
    const found = await database.countLegs();
    return found >= rows ? ready(true) : notYet(`${found} of ${rows} legs have one`);
  });
}

/** A leg gets its row when it is answered. */
function rowsOf(kind: CallKind): number {
  switch (kind) {
    case 'bridged':
    case 'tcp':
      return 2;
    case 'echo':
      return 1;
    case 'unanswered':
      return 0;
    default:
      return assertNever(kind);
  }
}

const sessionsOf = (kind: CallKind): number => (kind === 'echo' ? 1 : 2);
