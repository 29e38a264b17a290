import { type OthersQuery, type RecoveryRow, type Registration, RowsAway, RowsCut, type RowStore } from './row-store';

/** What is shared: several stores may look at one of these, as several nodes look at one database. */
export class MemoryTables {
  recovery: RecoveryRow[] = [];
  registrations: Registration[] = [];
  nonces = new Set<string>();
}

/** A database in memory, whose troubles a test can order. */
export class MemoryRows implements RowStore {
  /** `away`: it lets nobody in; `cuts`: it breaks each statement in the middle; `frozen`: it never answers. */
  trouble: 'none' | 'away' | 'cuts' | 'frozen' = 'none';

  constructor(readonly tables = new MemoryTables()) {}

  ping(): Promise<void> {
    return this.run(() => undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  insertLeg(row: RecoveryRow): Promise<void> {
    return this.run(() => void this.tables.recovery.push(row));
  }

  updateLeg(uuid: string, metadata: string): Promise<void> {
    return this.run(() => {
      for (const row of this.tables.recovery) if (row.uuid === uuid) row.metadata = metadata;
    });
  }

  deleteLeg(uuid: string): Promise<void> {
    return this.keep((row) => row.uuid !== uuid);
  }

  legsOfOthers(query: OthersQuery): Promise<RecoveryRow[]> {
    return this.run(() => this.tables.recovery.filter(ofOthers(query)).map((row) => ({ ...row })));
  }

  deleteLegsOfOthers(query: OthersQuery): Promise<void> {
    const matches = ofOthers(query);
    return this.keep((row) => !matches(row));
  }

  deleteLegsOf(profile: string): Promise<void> {
    return this.keep((row) => row.profileName !== profile);
  }

  forgetNonces(): Promise<void> {
    return this.run(() => this.tables.nonces.clear());
  }

  rememberNonce(nonce: string): Promise<void> {
    return this.run(() => void this.tables.nonces.add(nonce));
  }

  knowsNonce(nonce: string): Promise<boolean> {
    return this.run(() => this.tables.nonces.has(nonce));
  }

  putRegistration(registration: Registration): Promise<void> {
    return this.run(() => {
      const { user, host } = registration;
      this.tables.registrations = [...this.others(user, host), registration];
    });
  }

  deleteRegistration(user: string, host: string): Promise<void> {
    return this.run(() => void (this.tables.registrations = this.others(user, host)));
  }

  contactsOf(user: string, host: string, profiles: readonly string[]): Promise<Registration[]> {
    return this.run(() =>
      this.tables.registrations.filter(
        (row) => row.user === user && row.host === host && profiles.includes(row.profileName),
      ),
    );
  }

  deleteExpired(hostname: string, nowEpochS: number): Promise<number> {
    return this.run(() => {
      const { registrations } = this.tables;
      const kept = registrations.filter((row) => row.hostname !== hostname || row.expiresEpochS > nowEpochS);
      this.tables.registrations = kept;
      return registrations.length - kept.length;
    });
  }

  countOwn(hostname: string): Promise<number> {
    return this.run(() => this.tables.registrations.filter((row) => row.hostname === hostname).length);
  }

  private others(user: string, host: string): Registration[] {
    return this.tables.registrations.filter((row) => row.user !== user || row.host !== host);
  }

  private keep(wanted: (row: RecoveryRow) => boolean): Promise<void> {
    return this.run(() => void (this.tables.recovery = this.tables.recovery.filter(wanted)));
  }

  private async run<T>(statement: () => T): Promise<T> {
    switch (this.trouble) {
      case 'away':
        throw new RowsAway('the database is away');
      case 'cuts':
        throw new RowsCut('the connection ended');
      case 'frozen':
        return new Promise<never>(() => undefined);
      case 'none':
        return Promise.resolve(statement());
    }
  }
}

const ofOthers =
  ({ ownCoreUuid, profile }: OthersQuery) =>
  (row: RecoveryRow): boolean =>
    row.runtimeUuid !== ownCoreUuid && (profile === null || row.profileName === profile);
