import { performance } from 'node:perf_hooks';

import { signedInAs } from '../domain/database-names';
import { DatabaseAway, DatabaseRefused } from '../domain/errors';
import type { CallDatabase } from '../domain/ports';
import type { DatabaseConnection } from './connection-settings';
import { countCalls, countRecovered } from './count-calls';
import { iamToken } from './iam-token';
import { lockRole, otherWriters, sessionsFrom, unlockRole } from './lock-role';
import { prepareRecovery } from './prepare-recovery';
import { previewRecovery } from './preview-recovery';
import { DatabaseProbe } from './probe';
import { takeOverRegistrations } from './registrations';
import { readOnly, Session, transaction, type Queries, type SessionTarget } from './session';

/**
 * The shared PostgreSQL. Each method opens a connection of its own and ends it: they are called once per failover, and
 * a connection that was kept through a failover of RDS leads nowhere. Only the probe keeps its one.
 */
export class PgCallDatabase implements CallDatabase {
  private readonly target: SessionTarget;
  private readonly kept: DatabaseProbe;

  constructor(connection: DatabaseConnection) {
    const { host, port, name, user, tls, auth } = connection;
    this.target = { host, port, name, user, tls, password: auth === 'iam' ? iamToken(connection) : null };
    this.kept = new DatabaseProbe(this.target);
  }

  probe: CallDatabase['probe'] = (timeoutMs) => this.kept.probe(timeoutMs);

  lockRole: CallDatabase['lockRole'] = (role, timeoutMs, address) =>
    this.run(`lock ${role}`, timeoutMs, async (queries, leftMs) => {
      const { sessionsEnded, left } = await lockRole(queries, role, leftMs);
      if (left > 0) {
        throw new DatabaseAway(`${role} is locked, but ${left} of its sessions had not ended within ${timeoutMs} ms`);
      }
      if (address === undefined) return { sessionsEnded };
      const others = await otherWriters(queries, { role, address }, leftMs);
      if (others === null) return { sessionsEnded, otherSessions: 'unknown' };
      if (others.length > 0) throw new DatabaseRefused(`${role} is locked, but ${signedInAs(others, address, role)}`);
      return { sessionsEnded, otherSessions: 'none' };
    });

  unlockRole: CallDatabase['unlockRole'] = (role, timeoutMs) =>
    this.run(`unlock ${role}`, timeoutMs, (queries) => unlockRole(queries, role));

  sessionsFrom: NonNullable<CallDatabase['sessionsFrom']> = (address, timeoutMs) =>
    this.run('tell its sessions', timeoutMs, (queries) => sessionsFrom(queries, address));

  prepareRecovery: CallDatabase['prepareRecovery'] = (order, timeoutMs) =>
    this.inTransaction('prepare the recovery', timeoutMs, (queries) => prepareRecovery(queries, order));

  previewRecovery: CallDatabase['previewRecovery'] = (order, timeoutMs) =>
    this.run('preview the recovery', timeoutMs, (queries) => readOnly(queries, () => previewRecovery(queries, order)));

  countRecovered: CallDatabase['countRecovered'] = (transitionId, ownCoreUuid, timeoutMs) =>
    this.run('count recovered calls', timeoutMs, (queries) => countRecovered(queries, transitionId, ownCoreUuid));

  countCalls: CallDatabase['countCalls'] = (profiles, coreUuid, timeoutMs) =>
    this.run('count calls', timeoutMs, (queries) => countCalls(queries, profiles, coreUuid));

  takeOverRegistrations: CallDatabase['takeOverRegistrations'] = (change, timeoutMs) =>
    this.inTransaction('take registrations over', timeoutMs, (queries) => takeOverRegistrations(queries, change));

  /** Ends the connection that `probe` keeps. */
  close(): Promise<void> {
    return this.kept.close();
  }

  private inTransaction<T>(doing: string, timeoutMs: number, work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.run(doing, timeoutMs, (queries) => transaction(queries, () => work(queries)));
  }

  private async run<T>(
    doing: string,
    timeoutMs: number,
    work: (queries: Queries, leftMs: () => number) => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    const leftMs = () => Math.max(1, Math.round(timeoutMs - (performance.now() - startedAt)));
    const session = await Session.open(this.target, leftMs());
    try {
      return await session.within(leftMs(), doing, (queries) => work(queries, leftMs));
    } finally {
      await session.close();
    }
  }
}
