import type { StepRecord } from '../../../lib/domain/model';
import type { CallsView, Facts } from '../../../local/demo/facts';
import { judge } from '../../../local/demo/judge';
import { reportOf } from '../../../local/demo/report';
import { doneStep, pendingStep, recoveredFacts, tornNothingFacts, transition } from './facts-fixture';

const broken = (facts: Facts): string[] =>
  judge(facts)
    .findings.filter((finding) => !finding.holds)
    .map((finding) => finding.expected);

describe('a failover', () => {
  test.each(['kill', 'freeze', 'sip', 'zone'] as const)('%s that went well is as expected', (fault) => {
    const judgement = judge(recoveredFacts({ fault }));

    expect(judgement).toMatchObject({ asExpected: true, recovered: true });
  });

  const caller = recoveredFacts().caller;
  const spoilt: [string, Partial<Facts>, string][] = [
    ['the holder stayed', { holder: { before: 'a', after: 'a' } }, 'another node holds the VIP'],
    ['nobody holds it', { holder: { before: 'a', after: null } }, 'another node holds the VIP'],
    ['the epoch rose by two', { epoch: { before: 1, after: 3 } }, 'the epoch rose by one'],
    ['it was decided twice', { transitions: [transition(), transition()] }, 'exactly one transition was decided'],
    ['the journal is stuck', { transitions: [transition({ status: 'stuck' })] }, 'its journal is closed as done'],
    [
      'nothing was fenced',
      { transitions: [transition({}, { fence: pendingStep })] },
      'step fence is done, with its proof',
    ],
    [
      'a step has no proof',
      { transitions: [transition({}, { verify: { ...doneStep(1, 2), proof: null } })] },
      'step verify is done, with its proof',
    ],
    [
      'DNS was skipped though there is a name',
      { transitions: [transition({}, { dns: { ...pendingStep, status: 'skipped' } })] },
      'step dns is done, with its proof',
    ],
    ['the address stayed', { addressOn: { before: 'a', after: 'a' } }, 'EC2 has the Elastic IP on the new holder'],
    [
      'the name leads to the old node',
      { nameLeadsTo: { before: 'a', after: 'a' } },
      'the private name leads to the new holder',
    ],
    ['the caller is still unserved', { caller: { ...caller, servedNow: false } }, 'callers are served'],
    ['the old node answers the caller', { caller: { ...caller, servedByAfter: 'a' } }, 'by the new holder'],
    ['no page went out', { notifications: [] }, 'one page about the VIP went out'],
  ];
  test.each(spoilt)('%s: not as expected', (_why, change, expected) => {
    const facts = recoveredFacts(change);

    expect(broken(facts)).toContain(expected);
    expect(judge(facts).asExpected).toBe(false);
  });

  test('two pages are one too many, an alarm beside the page is none, nor is that of a zone which names the VIP', () => {
    const page = recoveredFacts().notifications[0]!;
    const ofZone = { ...page, subject: 'pbx zone-failure: zone b', body: 'VIPs there: main' };

    expect(broken(recoveredFacts({ notifications: [ofZone, page] }))).toEqual([]);

    expect(broken(recoveredFacts({ notifications: [page, page] }))).toEqual(['one page about the VIP went out']);
    expect(broken(recoveredFacts())).toEqual([]);
  });

  test('a VIP without a private name needs no DNS step', () => {
    const steps = { dns: { ...pendingStep, status: 'skipped' as const } };
    const facts = recoveredFacts({
      hasPrivateName: false,
      nameLeadsTo: { before: null, after: null },
      transitions: [transition({}, steps)],
    });

    expect(judge(facts).asExpected).toBe(true);
  });
});

describe('no standby', () => {
  test('nothing torn down and a page is as expected, and not a recovery', () => {
    expect(judge(tornNothingFacts())).toMatchObject({ asExpected: true, recovered: false });
  });

  const spoilt: [string, Partial<Facts>, string][] = [
    ['a transition was decided', { transitions: [transition()] }, 'no transition was decided'],
    ['the epoch rose', { epoch: { before: 1, after: 2 } }, 'the epoch stands'],
    ['the address was taken off', { addressOn: { before: 'a', after: null } }, 'the Elastic IP is where it was'],
    ['the name was removed', { nameLeadsTo: { before: 'a', after: null } }, 'the private name is what it was'],
    ['nobody was told', { notifications: [] }, 'one page about the VIP went out'],
  ];
  test.each(spoilt)('%s: not as expected', (_why, change, expected) => {
    expect(broken(tornNothingFacts(change))).toContain(expected);
  });
});

describe('established calls', () => {
  const ledger = {
    before: 20,
    legsBefore: 40,
    resurrected: 20,
    aliveAfter5s: 20,
    aliveAfter30s: 20,
    confirmed: 20,
    beingWritten: 0,
    ownSessions: 0,
    lost: [],
    recoveredAtMs: 1,
    notes: [],
  };
  const failing = (calls: Partial<CallsView>): string[] =>
    judge(recoveredFacts({ calls: { placed: 20, recoverable: true, ledger, sessionsNow: 40, ...calls } }))
      .findings.filter((each) => !each.holds)
      .map((each) => each.expected);

  it('are kept when the ledger and the new holder itself say so', () => {
    expect(failing({})).toEqual([]);
  });

  it.each([
    ['the ledger lost one', { ledger: { ...ledger, aliveAfter30s: 19 } }],
    ['the last count is missing', { ledger: { ...ledger, aliveAfter30s: null } }],
    ['no ledger was written', { ledger: null }],
    ['the new holder has other sessions than the ledger says', { sessionsNow: 38 }],
  ])('are not kept when %s', (_, calls) => {
    expect(failing(calls)).not.toEqual([]);
  });
});

describe('calls of nodes that share no database', () => {
  const WHY = 'the cluster has no database';
  const skipped: StepRecord = { ...pendingStep, status: 'skipped', proof: WHY };
  const page = { kind: 'page', subject: 'main: a -> b', body: `calls: ${WHY}`, receivedAtMs: 1 } as const;
  const lost = (changes: Partial<Facts> = {}): Facts =>
    recoveredFacts({
      calls: { placed: 20, recoverable: false, ledger: null, sessionsNow: 0 },
      transitions: [transition({}, { lock: skipped, recover: skipped })],
      notifications: [page],
      ...changes,
    });

  it('are lost as expected when journal and page say why', () => {
    expect(broken(lost())).toEqual([]);
  });

  it.each<[string, Partial<Facts>]>([
    ['the journal says why 20 calls were not recovered', { transitions: [transition()] }],
    ['the page says it too', { notifications: [{ ...page, body: 'all well' }] }],
    ['the new holder has none of them', { calls: { placed: 20, recoverable: false, ledger: null, sessionsNow: 2 } }],
  ])('are not as expected: %s', (expected, changes) => {
    expect(broken(lost(changes))).toContain(expected);
  });

  it('a recovery that was skipped although there is a database is none', () => {
    const ledger = null;
    const facts = lost({ calls: { placed: 20, recoverable: true, ledger, sessionsNow: 0 } });

    expect(broken(facts)).toContain('step recover is done, with its proof');
  });

  it('stand in the result with the reason', () => {
    const facts = lost();

    expect(reportOf(facts, judge(facts))).toMatchObject({ calls: null, callsLost: { count: 20, why: WHY } });
    expect(reportOf(recoveredFacts(), judge(recoveredFacts())).callsLost).toBeNull();
  });
});
