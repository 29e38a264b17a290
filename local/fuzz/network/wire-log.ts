/** What happened on one connection, in order. `order` counts over all connections of an exchange. */
export type WireEntry =
  | { order: number; kind: 'client' | 'server'; data: Buffer }
  | { order: number; kind: 'refused' | 'connected' | 'fin' | 'reset' };

export interface ConnectionLog {
  entries: WireEntry[];
}

/** What happened in one exchange: its ESL connections, and the datagrams of its OPTIONS questions. */
export class WireLog {
  readonly connections: ConnectionLog[] = [];
  readonly questions: { request: Buffer | null; answers: { order: number; data: Buffer; pristine: boolean }[] }[] = [];
  private last = 0;

  /** A number above all that came before. */
  mark(): number {
    this.last += 1;
    return this.last;
  }

  connection(): ConnectionLog {
    const log: ConnectionLog = { entries: [] };
    this.connections.push(log);
    return log;
  }

  bytes(log: ConnectionLog, kind: 'client' | 'server', data: Buffer): void {
    log.entries.push({ order: this.mark(), kind, data });
  }

  event(log: ConnectionLog, kind: 'refused' | 'connected' | 'fin' | 'reset'): void {
    log.entries.push({ order: this.mark(), kind });
  }
}
