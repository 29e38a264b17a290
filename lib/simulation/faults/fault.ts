/** A fault: what strikes, where, and for how long. Plain data, so that a run can be replayed without some of them. */
import type { Service } from '../world/weather';

/** One direction of a way: to the node, or back from it. */
export type Direction = 'there' | 'back';

export type Fault =
  // FreeSWITCH and its host
  | { kind: 'crash'; nodeId: string }
  // Nobody starts it again, or it ends each time so long after its start.
  | { kind: 'no-restart'; nodeId: string; forMs: number }
  | { kind: 'crash-loop'; nodeId: string; afterMs: number; forMs: number }
  | { kind: 'freeze'; nodeId: string; forMs: number }
  // Without a VIP: the whole stack; with one, its profiles alone.
  | { kind: 'sip-stuck'; nodeId: string; vipId?: string; forMs: number }
  | { kind: 'fall-into-standby'; nodeId: string }
  | { kind: 'busy'; nodeId: string; forMs: number }
  | { kind: 'switch-paused'; nodeId: string; forMs: number }
  | { kind: 'rejects'; nodeId: string; forMs: number }
  // The event socket alone: its module is unloaded, or it accepts and says nothing. SIP is served all the same.
  | { kind: 'esl-closed'; nodeId: string; forMs: number }
  | { kind: 'esl-hangs'; nodeId: string; forMs: number }
  | { kind: 'clock-behind'; nodeId: string; byMs: number; forMs: number }
  | { kind: 'clock-ahead'; nodeId: string; byMs: number; forMs: number }
  | { kind: 'host'; nodeId: string; forMs: number }
  // the network
  | { kind: 'zone'; zone: string; forMs: number }
  | { kind: 'isolation'; zone: string; forMs: number }
  | { kind: 'node-cut'; nodeId: string; forMs: number }
  | { kind: 'path-cut'; zone: string; nodeId: string; forMs: number }
  // A zone of null: for everybody.
  | { kind: 'one-way'; zone: string | null; nodeId: string; lost: Direction; forMs: number }
  | { kind: 'delay'; zone: string | null; nodeId: string; byMs: number; forMs: number }
  // A node's own way to the shared database: everybody else reaches both.
  | { kind: 'database-cut'; nodeId: string; forMs: number }
  // The shared database. Whether SIP of a holder waits for it: left out, as the nodes of the cluster are.
  | { kind: 'database-away'; forMs: number; silencesSip?: boolean }
  | { kind: 'database-slow'; forMs: number; silencesSip?: boolean }
  // AWS
  | { kind: 'storm'; service: Service; share: number; forMs: number }
  | { kind: 'service-away'; service: Service; forMs: number }
  | { kind: 'stale-reads'; staleMs: number; forMs: number }
  | { kind: 'functions-killed'; name: 'failover' | 'observer' | 'node-control'; times: number }
  | { kind: 'functions-frozen'; name: 'failover' | 'node-control'; forMs: number }
  | { kind: 'observer-frozen'; zone: string; forMs: number }
  | { kind: 'clock-stepped'; zone: string; byMs: number }
  // people
  | { kind: 'stopped-gracefully'; nodeId: string }
  | { kind: 'instance-stopped'; nodeId: string; forMs: number }
  | { kind: 'address-moved'; vipId: string; toNodeId: string }
  | { kind: 'deploy' }
  | { kind: 'switchover'; vipId: string }
  // Its calls end within that time, and then it is moved.
  | { kind: 'drain'; vipId: string; forMs: number }
  | { kind: 'paused'; subject: 'cluster' | 'vip' | 'node'; id: string; forMs: number; withWindow: boolean }
  | { kind: 'table-restored'; olderByMs: number };

export type FaultKind = Fault['kind'];

/** In milliseconds of the run, skipped time included. */
export interface ScheduledFault {
  atMs: number;
  fault: Fault;
}

/** One that befalls a run so long after another. */
export interface NextFault {
  afterMs: number;
  fault: Fault;
}

export function describeFault(fault: Fault): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${String(value)}`);
  return [kind, ...details].join(' ');
}
