/**
 * How often what happens, before each run draws its own mix of it: more often than in any good year, so that a year of
 * the simulator is a hard one. Assumptions, not measurements: what the figures say is said under them.
 */
import type { FaultKind } from './fault';

/** Events a year; `per` says of what. */
export interface Rate {
  perYear: number;
  per: 'node' | 'zone' | 'path' | 'cluster';
}

export const RATES: Record<FaultKind, Rate> = {
  crash: { perYear: 4, per: 'node' },
  'no-restart': { perYear: 0.5, per: 'node' },
  'crash-loop': { perYear: 0.5, per: 'node' },
  freeze: { perYear: 2, per: 'node' },
  'sip-stuck': { perYear: 1, per: 'node' },
  'fall-into-standby': { perYear: 1, per: 'node' },
  busy: { perYear: 6, per: 'node' },
  'switch-paused': { perYear: 1, per: 'node' },
  rejects: { perYear: 0.5, per: 'node' },
  'clock-behind': { perYear: 0.5, per: 'node' },
  host: { perYear: 1, per: 'node' },
  zone: { perYear: 0.2, per: 'zone' },
  isolation: { perYear: 0.3, per: 'zone' },
  'node-cut': { perYear: 0.5, per: 'node' },
  'path-cut': { perYear: 0.5, per: 'path' },
  'one-way': { perYear: 1, per: 'node' },
  delay: { perYear: 2, per: 'node' },
  'database-away': { perYear: 3, per: 'cluster' },
  'database-slow': { perYear: 3, per: 'cluster' },
  storm: { perYear: 12, per: 'cluster' },
  'service-away': { perYear: 1, per: 'cluster' },
  'stale-reads': { perYear: 4, per: 'cluster' },
  'functions-killed': { perYear: 8, per: 'cluster' },
  'functions-frozen': { perYear: 4, per: 'cluster' },
  'observer-frozen': { perYear: 6, per: 'zone' },
  'clock-stepped': { perYear: 1, per: 'zone' },
  'stopped-gracefully': { perYear: 2, per: 'node' },
  'instance-stopped': { perYear: 0.5, per: 'node' },
  'address-moved': { perYear: 1, per: 'cluster' },
  deploy: { perYear: 12, per: 'cluster' },
  switchover: { perYear: 6, per: 'cluster' },
  paused: { perYear: 4, per: 'cluster' },
  'table-restored': { perYear: 0.2, per: 'cluster' },
  // Callers are turned away meanwhile: seldom, so that it says little about availability.
  drain: { perYear: 0.5, per: 'cluster' },
  'esl-closed': { perYear: 0.5, per: 'node' },
  'esl-hangs': { perYear: 0.5, per: 'node' },
  'clock-ahead': { perYear: 0.5, per: 'node' },
  'database-cut': { perYear: 0.5, per: 'node' },
};
