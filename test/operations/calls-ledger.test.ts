import fc from 'fast-check';
import type { CallsLedger } from '../../lib/domain/model';
import type { CallCounts } from '../../lib/domain/ports';
import {
  callsLost,
  isCounted,
  ledgerOf,
  ledgerOfStayed,
  lookDue,
  lostAltogether,
  nextLookAtMs,
  survivalPercent,
  withLook,
  type Look,
} from '../../lib/operations/converge/calls-ledger';

const T = 1_800_000_000_000;

interface Before {
  connectionOriented?: number;
  movedAside?: number;
  sessions?: number;
  ownSessions?: number | null;
  stayed?: CallCounts | null;
}

function recovered(calls: number, more: Before = {}): CallsLedger {
  const { connectionOriented = 0, movedAside = 0, sessions = 2 * calls, ownSessions = 0, stayed = null } = more;
  const before = { calls, legs: 2 * calls };
  const result = {
    recovered: true,
    before,
    connectionOriented,
    movedAside,
    stayed,
    ownSessions,
    notes: [],
    proof: '',
  } as const;
  return ledgerOf({ ...result, notes: [] }, sessions, T);
}

type Seen = Parameters<typeof withLook>[1];

function look(
  ledger: CallsLedger,
  which: Look | null,
  calls: number,
  more: { sessions?: number | null; gateways?: string[] | null; planned?: number } = {},
): CallsLedger {
  const { sessions = 2 * calls, gateways = [] } = more;
  const planned = more.planned === undefined ? null : { calls: more.planned, legs: 2 * more.planned };
  const alive = { calls, legs: 2 * calls };
  const seen: Seen = { known: true, alive, planned, sessions, unregisteredGateways: gateways };
  return withLook(ledger, seen, which);
}

describe('the ledger of a VIP that came back to the process that had its calls', () => {
  const stayed = { calls: 10, legs: 20 };

  it('counts those that live on it as kept, and has nothing left to look at', () => {
    const ledger = recovered(0, { stayed, sessions: 24 });
    expect(ledger).toMatchObject({ before: 10, legsBefore: 20, resurrected: 10, confirmed: 10, lost: [] });
    expect(ledger.notes).toEqual([expect.stringContaining('(10): they never left it')]);
    expect([survivalPercent(ledger), callsLost(ledger), isCounted(ledger)]).toEqual([100, 0, true]);
  });

  it('counts what others had beside them as any recovery, and loses no session that may be theirs', () => {
    const ledger = recovered(4, { stayed, sessions: 24 });
    expect(ledger).toMatchObject({ before: 4, confirmed: null, lost: [] });
    expect(ledger.notes).toEqual([expect.stringContaining('they never left it')]);
    expect(isCounted(ledger)).toBe(false);
  });

  it('says so where nobody can count them, and loses none', () => {
    const ledger = ledgerOfStayed(null, T, ['the database is away']);
    expect(ledger).toMatchObject({ before: 0, lost: [] });
    expect(ledger.notes).toEqual([expect.stringContaining('how many is not known'), 'the database is away']);
    expect([survivalPercent(ledger), callsLost(ledger)]).toEqual([null, 0]);
  });
});

const lostOf = (ledger: CallsLedger) => Object.fromEntries(ledger.lost.map(({ reason, count }) => [reason, count]));

describe('the survival ledger', () => {
  it('says nothing of survival before the last look, however well the first ones went', () => {
    const first = recovered(20);
    expect(first).toMatchObject({ before: 20, legsBefore: 40, resurrected: null, aliveAfter5s: null, lost: [] });
    const second = look(look(first, 'after 5 s', 20), 'after 30 s', 20);
    expect([first, second].map(survivalPercent)).toEqual([null, null]);
    expect([first, second].map(isCounted)).toEqual([false, false]);
  });

  it('counts all as kept when all live at the last look too', () => {
    const ledger = look(look(look(recovered(20), 'after 5 s', 20), 'after 30 s', 20), 'confirming', 20);
    expect(ledger).toMatchObject({ resurrected: 20, aliveAfter5s: 20, aliveAfter30s: 20, confirmed: 20, lost: [] });
    expect([survivalPercent(ledger), callsLost(ledger), isCounted(ledger)]).toEqual([100, 0, true]);
  });

  it('counts as not rebuilt what has its row for half a minute because no peer answers, and then goes', () => {
    const ledger = look(look(look(recovered(20), 'after 5 s', 20), 'after 30 s', 20), 'confirming', 0);
    expect(ledger).toMatchObject({ resurrected: 20, aliveAfter5s: 20, aliveAfter30s: 20, confirmed: 0 });
    expect(lostOf(ledger)).toEqual({ 'not-rebuilt': 20 });
    expect([survivalPercent(ledger), callsLost(ledger)]).toEqual([0, 20]);
  });

  it('forgives what was hung up before an unanswered leg could have been given up', () => {
    const first = look(recovered(20, { connectionOriented: 3 }), null, 15);
    const ledger = look(look(first, 'after 30 s', 11), 'confirming', 10);
    expect(ledger).toMatchObject({ resurrected: 15, aliveAfter5s: 11, aliveAfter30s: 11, confirmed: 10 });
    expect(lostOf(ledger)).toEqual({ 'connection-oriented': 3, ended: 4, 'not-rebuilt': 3 });
    expect([survivalPercent(ledger), callsLost(ledger)]).toEqual([70, 6]);
  });

  it('says that a hang-up cannot be told from a loss where nobody looked in between, and counts the loss', () => {
    const ledger = look(look(recovered(20), 'after 5 s', 20), 'confirming', 18);
    expect(lostOf(ledger)).toEqual({ 'not-rebuilt': 2 });
    expect(ledger.notes).toEqual([expect.stringContaining('hung up by then count as not rebuilt')]);
    expect(look(look(recovered(20), 'after 5 s', 20), 'confirming', 20).notes).toEqual([]);
  });

  it('counts sessions without a row beside the calls that had rows', () => {
    expect(lostOf(recovered(10, { sessions: 23 }))).toEqual({ 'no-row': 3 });
  });

  it('keeps what it knows of gateways where they could not be asked, and forgets it when they are back', () => {
    const first = look(recovered(2), 'after 5 s', 2, { gateways: ['external::carrier'] });
    expect(first.notes).toEqual(['gateway external::carrier is not registered again yet']);
    expect(look(first, 'after 30 s', 2, { gateways: null }).notes).toEqual(first.notes);
    expect(look(first, 'after 30 s', 2).notes).toEqual([]);
  });
});

describe('sessions of the new holder', () => {
  it('are never calls that came back: here others have dialled again, and nothing was rebuilt', () => {
    const first = look(recovered(20), 'after 5 s', 0, { sessions: 40 });
    expect(first).toMatchObject({ resurrected: 0, aliveAfter5s: 0, beingWritten: 20, lost: [] });
    const ledger = look(first, 'confirming', 0, { sessions: 40 });
    expect(ledger).toMatchObject({ resurrected: 0, aliveAfter30s: 0, confirmed: 0, beingWritten: 0 });
    expect([survivalPercent(ledger), callsLost(ledger)]).toEqual([0, 20]);
  });

  it('that it had before speak for no call', () => {
    const first = look(recovered(20, { ownSessions: 40 }), 'after 5 s', 0, { sessions: 40 });
    expect(first).toMatchObject({ beingWritten: 0, lost: [{ reason: 'not-rebuilt', count: 20 }] });
  });

  it('beyond those before may be legs whose rows a busy node has not written yet: they are not lost so far', () => {
    const first = look(recovered(20, { ownSessions: 6 }), 'after 5 s', 1, { sessions: 44 });
    expect(first).toMatchObject({ resurrected: 1, aliveAfter5s: 1, beingWritten: 18 });
    expect(lostOf(first)).toEqual({ 'not-rebuilt': 1 });
    expect(look(first, 'confirming', 19, { sessions: 44 })).toMatchObject({ resurrected: 19, confirmed: 19 });
  });

  it.each([
    ['before', null, 40],
    ['now', 0, null],
  ])('that are not known %s say nothing', (_, ownSessions, sessions) => {
    expect(look(recovered(20, { ownSessions }), 'after 5 s', 3, { sessions }).beingWritten).toBe(0);
  });

  it.each([
    [40, 18, []],
    [4, 0, [{ reason: 'database-unreachable', count: 18 }]],
    [null, 0, [{ reason: 'database-unreachable', count: 18 }]],
  ])(
    'may all be such legs where the recovery was given up, because nobody knows of before: of %s',
    (sessions, beingWritten, lost) => {
      const givenUp = { ...recovered(20, { ownSessions: null }), givenUp: 'database-unreachable' as const };
      expect(look(givenUp, 'after 5 s', 2, { sessions })).toMatchObject({ beingWritten, lost });
    },
  );
});

describe('a recovery that was given up', () => {
  const away = { reason: 'database-unreachable', why: 'away' } as const;

  it('lost every call, also when they could only be estimated', () => {
    const counted = lostAltogether({ calls: 7, legs: 14 }, { ofVip: 14, ofNode: 14 }, away);
    expect(lostOf(counted)).toEqual({ 'database-unreachable': 7 });
    const estimated = lostAltogether(null, { ofVip: 9, ofNode: 9 }, away);
    expect(estimated).toMatchObject({ before: 5, aliveAfter30s: 0, confirmed: 0 });
    expect([counted, estimated].map(survivalPercent)).toEqual([0, 0]);
  });

  it.each([
    [23, '23 session(s) in all'],
    [null, 'nobody had read its sessions'],
  ])('says so where nobody knows how many there were (%s sessions on the node)', (ofNode, words) => {
    const ledger = lostAltogether(null, { ofVip: null, ofNode }, away);
    expect(ledger).toMatchObject({ before: 0, lost: [] });
    expect(ledger.notes).toEqual(['away', expect.stringMatching(/^how many calls the old holder had is not known/)]);
    expect(ledger.notes[1]).toContain(words);
  });
});

describe('the looks', () => {
  it.each<[number, Look | null, number]>([
    [0, null, 5_000],
    [4_999, null, 5_000],
    [5_000, 'after 5 s', 5_000],
    [27_999, 'after 5 s', 5_000],
    [28_000, 'after 30 s', 28_000],
    [31_999, 'after 30 s', 28_000],
    // Unanswered legs are being given up: a count would be of no certain time.
    [32_000, null, 36_000],
    [35_999, null, 36_000],
    [36_000, 'confirming', 36_000],
    [90_000, 'confirming', 36_000],
  ])('%i ms after the recovery: %s is due, the next one at %i ms', (sinceMs, due, nextMs) => {
    const ledger = recovered(2);
    expect(lookDue(ledger, T + sinceMs)).toBe(due);
    expect(nextLookAtMs(ledger, T + sinceMs)).toBe(T + nextMs);
  });

  it('are due once each', () => {
    const first = look(recovered(2), 'after 5 s', 2);
    expect([lookDue(first, T + 27_999), nextLookAtMs(first, T + 5_000)]).toEqual([null, T + 28_000]);
    const second = look(first, 'after 30 s', 2);
    expect([lookDue(second, T + 35_999), nextLookAtMs(second, T + 28_000)]).toEqual([null, T + 36_000]);
    const last = look(second, 'confirming', 2);
    expect([lookDue(last, T + 99_000), nextLookAtMs(last, T + 99_000)]).toEqual([null, null]);
  });

  it('that come late fill in for those before', () => {
    const late = look(recovered(3), 'confirming', 2);
    expect(late).toMatchObject({ aliveAfter5s: 2, aliveAfter30s: 2, confirmed: 2 });
  });
});

describe('whatever the looks show', () => {
  const calls = fc.integer({ min: 0, max: 60 });
  const sessions = fc.option(fc.integer({ min: 0, max: 300 }), { nil: null });
  const shown = fc.record({
    calls,
    sessions,
    which: fc.constantFrom<Look | null>('after 5 s', 'after 30 s', null),
  });

  /** A ledger after all its looks, and what their rows showed; calls of the plan are at most those before. */
  const history = fc.record({
    before: calls,
    ownSessions: sessions,
    connections: calls,
    looks: fc.array(shown),
    last: calls,
  });

  const play = ({
    before,
    ownSessions,
    connections,
    looks,
    last,
  }: typeof history extends fc.Arbitrary<infer H> ? H : never) => {
    const rows = [...looks.map((each) => each.calls), last].map((count) => Math.min(count, before));
    const begun = recovered(before, { ownSessions, connectionOriented: Math.min(connections, before) });
    const ledgers = looks.reduce<CallsLedger[]>(
      (all, each, index) => [
        ...all,
        look(all[index] ?? begun, each.which, rows[index] ?? 0, { sessions: each.sessions }),
      ],
      [begun],
    );
    const closed = look(ledgers.at(-1) ?? begun, 'confirming', rows.at(-1) ?? 0, { sessions: 1_000 });
    return { rows, ledgers, closed };
  };

  it('no call counts that the rows of some look do not show, and the last numbers are of rows alone', () => {
    fc.assert(
      fc.property(history, (run) => {
        const { rows, ledgers, closed } = play(run);
        ledgers.slice(1).forEach((ledger, index) => {
          expect(ledger.resurrected).toBe(Math.max(...rows.slice(0, index + 1)));
          const surplus = (run.looks[index]?.sessions ?? 0) - (run.ownSessions ?? Infinity);
          expect(2 * ledger.beingWritten).toBeLessThanOrEqual(Math.max(0, surplus - 2 * (rows[index] ?? 0)));
          expect((rows[index] ?? 0) + ledger.beingWritten).toBeLessThanOrEqual(run.before);
        });
        expect(closed.resurrected).toBe(Math.max(...rows));
        expect(closed).toMatchObject({ confirmed: rows.at(-1), beingWritten: 0 });
        expect(rows).toEqual(expect.arrayContaining([closed.aliveAfter5s, closed.aliveAfter30s]));
      }),
    );
  });

  it('every call that had rows is accounted for in the end: confirmed or lost, and never one twice', () => {
    fc.assert(
      fc.property(history, (run) => {
        const { closed } = play(run);
        const lost = closed.lost.reduce((sum, each) => sum + each.count, 0);
        expect(lost + (closed.confirmed ?? 0)).toBe(run.before);
        const kept = survivalPercent(closed);
        if (kept !== null) expect(Math.round((kept * run.before) / 100)).toBe(run.before - callsLost(closed));
      }),
    );
  });
});
