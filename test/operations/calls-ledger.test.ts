import fc from 'fast-check';
import type { CallsLedger } from '../../lib/domain/model';
import {
  ledgerOf,
  lookDue,
  lostAltogether,
  survivalPercent,
  withLook,
} from '../../lib/operations/converge/calls-ledger';

const T = 1_800_000_000_000;

function recovered(calls: number, more: { connectionOriented?: number; movedAside?: number; sessions?: number } = {}) {
  const { connectionOriented = 0, movedAside = 0, sessions = 2 * calls } = more;
  const before = { calls, legs: 2 * calls };
  return ledgerOf({ recovered: true, before, connectionOriented, movedAside, notes: [], proof: '' }, sessions, T);
}

const seen = (calls: number, notes: string[] = []) =>
  ({ known: true, alive: { calls, legs: 2 * calls }, sessions: 2 * calls, notes }) as const;

const lostOf = (ledger: CallsLedger) => Object.fromEntries(ledger.lost.map(({ reason, count }) => [reason, count]));

describe('the survival ledger', () => {
  it('says nothing of survival before anybody looked', () => {
    const ledger = recovered(20);
    expect(ledger).toMatchObject({ before: 20, legsBefore: 40, resurrected: null, aliveAfter5s: null, lost: [] });
    expect(survivalPercent(ledger)).toBeNull();
  });

  it('counts all as kept when all live at both looks', () => {
    const after5 = withLook(recovered(20), seen(20), 'after 5 s');
    const ledger = withLook(after5, seen(20), 'after 30 s');
    expect(ledger).toMatchObject({ resurrected: 20, aliveAfter5s: 20, aliveAfter30s: 20, lost: [] });
    expect(survivalPercent(ledger)).toBe(100);
  });

  it('counts sessions in the first seconds, while a busy node has not written the rows yet; then rows alone', () => {
    const busy = { ...seen(1), sessions: 40 };
    const after5 = withLook(recovered(20), busy, 'after 5 s');
    expect(after5).toMatchObject({ resurrected: 20, aliveAfter5s: 20 });
    expect(withLook(after5, { ...busy, alive: { calls: 19, legs: 38 } }, 'after 30 s')).toMatchObject({
      aliveAfter30s: 19,
      lost: [{ reason: 'ended', count: 1 }],
    });
  });

  it('tells calls that never came back from calls that came back and ended', () => {
    const first = withLook(recovered(20, { connectionOriented: 3 }), seen(15), null);
    const ledger = withLook(first, seen(11), 'after 30 s');
    expect(ledger).toMatchObject({ resurrected: 15, aliveAfter30s: 11 });
    expect(lostOf(ledger)).toEqual({ 'connection-oriented': 3, ended: 4, 'not-rebuilt': 2 });
  });

  it('counts sessions without a row beside the calls that had rows', () => {
    expect(lostOf(recovered(10, { sessions: 23 }))).toEqual({ 'no-row': 3 });
  });

  it('loses every call when the recovery was given up, also when they could only be estimated', () => {
    const away = { reason: 'database-unreachable', why: 'away' } as const;
    expect(lostOf(lostAltogether({ calls: 7, legs: 14 }, 14, away))).toEqual({ 'database-unreachable': 7 });
    expect(lostAltogether(null, 9, away)).toMatchObject({ before: 5, aliveAfter30s: 0 });
  });

  it('asks for a look at 5 s and at 30 s, once each', () => {
    const ledger = recovered(2);
    expect(lookDue(ledger, T + 4_999)).toBeNull();
    expect(lookDue(ledger, T + 5_000)).toBe('after 5 s');
    const later = withLook(ledger, seen(2), 'after 5 s');
    expect(lookDue(later, T + 29_999)).toBeNull();
    expect(lookDue(later, T + 30_000)).toBe('after 30 s');
    expect(lookDue(withLook(later, seen(2), 'after 30 s'), T + 60_000)).toBeNull();
  });

  it('always accounts for every call that had rows: kept or lost, and never one twice', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.nat(500), fc.nat(500), (before, between, after, connectionOriented) => {
        const first = withLook(
          recovered(before, { connectionOriented: Math.min(connectionOriented, before) }),
          seen(Math.min(between, before)),
          'after 5 s',
        );
        const ledger = withLook(first, seen(Math.min(after, before)), 'after 30 s');
        const lost = ledger.lost.reduce((sum, each) => sum + each.count, 0);
        expect(lost + (ledger.aliveAfter30s ?? 0)).toBe(before);
      }),
    );
  });
});
