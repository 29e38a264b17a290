import type { CallsLedger, StoredIncident, Transition } from '../../lib/domain/model';
import { INCIDENT_KINDS_OF_A_VIP } from '../../lib/domain/model';
import { decide } from '../../lib/domain/decide';
import { decisionWrite } from '../../lib/domain/transition';
import { incidentPage, transitionPage, type TransitionFacts } from '../../lib/operations/converge/page-text';
import { healthy, looks, NOW, topologyOf } from '../support/cluster';

function failover(): Transition {
  const observations = [...looks('fs-a', 'refused', 'silent', { lastSessions: 12 }), ...looks('fs-b', 'ok', 'standby')];
  const [decision] = decide(healthy({ observations }), [], NOW);
  if (decision?.kind !== 'change') throw new Error('not decided');
  return decisionWrite(decision, topologyOf(), observations, NOW, 'test').transition;
}

const facts: Omit<TransitionFacts, 'transition'> = {
  cluster: 'pbx',
  served: true,
  nameBehind: null,
  standbys: { byItself: [], byHandOnly: [] },
  untold: [],
  startsFailedNodes: true,
  runbookUrl: 'https://r',
  table: 'T',
  nowMs: NOW + 900,
};

describe('the page of a failover', () => {
  const page = transitionPage({ ...facts, transition: failover() });

  it('says in its subject what a half-asleep human must know', () => {
    expect(page.subject).toBe('pbx failover main: fs-a -> fs-b, served: YES');
  });

  it.each([
    ['whether callers are served', /Callers served: +YES/],
    ['what moved', /main \(main#2\), fs-a -> fs-b/],
    ['why', /conclusive-death, seen from us-east-1a, us-east-1b, us-east-1c/],
    [
      'what became of the calls',
      /12 session\(s\) were up; the cluster has no database: established calls are not recovered/,
    ],
    ['whether a standby is left', /Standby left: +NONE/],
    ['the one next command', /^Next command: +npm run understudy -- status --table T --vip main/m],
    ['the one thing not to do', /Do NOT: .*sofia recover/],
    ['where to read on', /https:\/\/r#failover-happened/],
  ])('tells %s', (_what, pattern) => {
    expect(page.body).toMatch(pattern);
  });

  it.each([
    [{ byItself: ['fs-a', 'fs-c'], byHandOnly: [] }, 'fs-a, fs-c', 'acknowledge'],
    [{ byItself: ['fs-a'], byHandOnly: ['fs-c'] }, 'fs-a, fs-c (by hand only)', 'acknowledge'],
    [{ byItself: [], byHandOnly: ['fs-c'] }, 'NONE by itself, fs-c (by hand only)', 'status'],
  ])('of the standbys %j calls none left that no failover would take', (standbys, words, command) => {
    const { body } = transitionPage({ ...facts, standbys, transition: failover() });
    expect(body).toContain(`Standby left:     ${words}`);
    expect(body).toContain(`Next command:     npm run understudy -- ${command} `);
  });

  it('without a standby says whether one is on its way, or has to be brought', () => {
    const coming = transitionPage({ ...facts, transition: failover() }).body;
    expect(coming).toContain('Standby left:     NONE; fs-a is brought back by itself, in minutes\n');
    expect(coming).toMatch(/^Next command: .* status .*until its standby is back; then acknowledge/m);

    // Its step `restore` is pending also where it only unlocks the role, and the owner starts the node.
    const gone = transitionPage({ ...facts, startsFailedNodes: false, transition: failover() }).body;
    expect(gone).toContain('Standby left:     NONE\n');
    expect(gone).toMatch(/^Next command: .* status .*then bring a standby back/m);
  });

  it('with one names the block, and what ends it', () => {
    const standbys = { byItself: ['fs-c'], byHandOnly: [] };
    const { body } = transitionPage({ ...facts, standbys, transition: failover() });
    expect(body).toMatch(
      /^Next command: .* acknowledge .*or the end of the block period, no second one comes by itself/m,
    );
  });

  it('tells an earlier change of holder whose page could not be sent', () => {
    const { body } = transitionPage({ ...facts, untold: [failover()], transition: failover() });
    expect(body).toMatch(/^Before it: +main#2, failover fs-a -> fs-b, decided 20\S+Z: its page could not be sent$/m);
    expect(page.body).not.toContain('Before it');
  });

  it('does not call those served who call a name that is not written yet', () => {
    const nameBehind = { name: 'sip.pbx.internal', nodeId: 'fs-a', callInstead: '198.51.100.1' };
    const byAddress = transitionPage({ ...facts, nameBehind, transition: failover() });
    expect(byAddress.subject).toMatch(/served: YES, by 198\.51\.100\.1 and not by name$/);
    expect(byAddress.body).toContain('sip.pbx.internal still leads to fs-a: who calls it is NOT served.');
    expect(byAddress.attributes.served).toBe('yes');

    const byNobody = transitionPage({
      ...facts,
      ...{ served: false, nameBehind: { ...nameBehind, nodeId: null }, transition: failover() },
    });
    expect(byNobody.body).toMatch(/^Callers served: +NO$/m);
    expect(byNobody.body).toContain('sip.pbx.internal leads where it did before: who calls it is NOT served.');
    expect(page.body).not.toContain('Private name');
  });

  it('does not claim what nobody knows', () => {
    const early = transitionPage({ ...facts, served: null, standbys: null, transition: failover() });
    expect(early.subject).toContain('NOT KNOWN YET');
    expect(early.body).toMatch(/Standby left: +not known/);
  });

  it('fits into an SNS subject, whatever the names', () => {
    const long = { ...failover(), vipId: 'v'.repeat(200) };
    expect(transitionPage({ ...facts, transition: long }).subject.length).toBeLessThanOrEqual(100);
  });
});

describe('what the page says of established calls', () => {
  const LEDGER: CallsLedger = {
    ...{ before: 20, legsBefore: 40, resurrected: null, aliveAfter5s: null, aliveAfter30s: null, confirmed: null },
    ...{ beingWritten: 0, ownSessions: 0, lost: [], recoveredAtMs: NOW, notes: [] },
  };
  const body = (ledger: Partial<CallsLedger>): string =>
    transitionPage({ ...facts, transition: { ...failover(), calls: { ...LEDGER, ...ledger } } }).body;
  const FIRST = { resurrected: 20, aliveAfter5s: 20 };

  it.each<[string, Partial<CallsLedger>, RegExp]>([
    ['nobody looked yet', {}, /: recovery under way$/m],
    ['all are back so far', FIRST, /: 20 of 20 rebuilt, not yet confirmed by their peers$/m],
    ['the second look was taken', { ...FIRST, aliveAfter30s: 19 }, /: 19 of 20 rebuilt, not yet confirmed/],
    [
      'rows are still being written',
      { ...FIRST, aliveAfter5s: 12, beingWritten: 8 },
      /: 12 of 20 rebuilt \(up to 8 more, by sessions whose rows may still be written\), not yet confirmed/,
    ],
    [
      'the last look was taken',
      { ...FIRST, aliveAfter30s: 20, confirmed: 18, lost: [{ reason: 'not-rebuilt', count: 2 }] },
      /: 18 of 20 kept, confirmed by their peers; 2 lost: not rebuilt \(the peer refused, was gone, or did not answer\)$/m,
    ],
    [
      'the recovery was given up',
      { recoveredAtMs: null, confirmed: 0, lost: [{ reason: 'given-up', count: 20 }] },
      /: 0 of 20 kept; 20 lost: because the recovery could not be begun in time$/m,
    ],
    [
      'it was given up, and nobody knows how many there were',
      { before: 0, legsBefore: 0, recoveredAtMs: null, confirmed: 0 },
      /: NONE KEPT, and how many were up is not known$/m,
    ],
  ])('where %s', (_what, ledger, pattern) => {
    expect(body(ledger)).toMatch(pattern);
  });

  it('names what the ledger notes, gateways that have not registered again among it', () => {
    expect(body({ notes: ['gateway external::carrier is not registered again yet'] })).toMatch(
      /^Established calls: .*\n +gateway external::carrier is not registered again yet$/m,
    );
  });
});

describe('the page of an incident', () => {
  it.each([...INCIDENT_KINDS_OF_A_VIP, 'clock-ahead' as const, 'second-server' as const])(
    '%s: what it is, what to do, what never to do',
    (kind) => {
      const incident: StoredIncident = {
        kind,
        vipId: 'main',
        nodeId: null,
        epoch: 3,
        reasons: ['because'],
        atMs: NOW,
        notifiedAtMs: null,
        overAtMs: null,
        untoldSinceMs: null,
      };
      const page = incidentPage({ cluster: 'pbx', incident, runbookUrl: 'https://r', table: 'T' });
      expect(page.subject).toContain(kind);
      for (const word of ['What:', 'Seen:         because', 'Next command:', 'Do NOT:', `https://r#${kind}`]) {
        expect(page.body).toContain(word);
      }
      // Whose page comes at night must not look for the table's name.
      expect(page.body).toMatch(/^Look: +npm run understudy -- explain --table T --vip main$/m);
    },
  );

  it('of no VIP names none in its commands', () => {
    const { body } = pageOf({ ...over, kind: 'zone-failure', vipId: null, epoch: null, overAtMs: null });
    expect(body).toMatch(/^Look: +npm run understudy -- explain --table T$/m);
  });

  it('failover-limit: asks to acknowledge those that failed over, not the one that waits', () => {
    const { body } = pageOf({ ...over, kind: 'failover-limit', overAtMs: null });
    expect(body).toMatch(/^Next command: .* acknowledge --table T --vip THAT-VIP$/m);
  });

  it('holder-withdrawn: the move that it names is refused while FreeSWITCH is paused, and it says so', () => {
    const { body } = pageOf({ ...over, kind: 'holder-withdrawn', overAtMs: null });
    expect(body).toMatch(
      /^Next command: .*switchover --table T --vip main.*after `fsctl pause` it takes `fsctl resume`/m,
    );
  });

  it('blocked: names every VIP that wants its acknowledgement, because the group is judged as one', () => {
    const incident: StoredIncident = {
      ...{
        kind: 'blocked',
        vipId: 'main',
        nodeId: null,
        epoch: 3,
        atMs: NOW,
        notifiedAtMs: null,
        overAtMs: null,
        untoldSinceMs: null,
      },
      reasons: ['second, which would move with main, failed over less than 600 s ago'],
    };
    const { body } = incidentPage({ cluster: 'pbx', incident, runbookUrl: 'https://r', table: 'T' });
    expect(body).toMatch(/^Next command: .*acknowledge --table T --vip main .*each VIP named above that blocks/m);
  });

  it.each([
    ['of a holder says that nothing was torn down', ['fs-a: dead', 'nothing was torn down'], true],
    [
      'of a VIP on its way says that the change has begun',
      ['fs-b: dead', 'main#2 leaves fs-a, done by now: fence'],
      false,
    ],
  ])('no-candidate %s', (_words, reasons, isHeld) => {
    const incident: StoredIncident = {
      ...{ kind: 'no-candidate', vipId: 'main', nodeId: null, epoch: 3, reasons, atMs: NOW, notifiedAtMs: null },
      ...{ overAtMs: null, untoldSinceMs: null },
    };

    const { body } = incidentPage({ cluster: 'pbx', incident, runbookUrl: 'https://r', table: 'T' });

    expect(body.includes('NOTHING WAS TORN DOWN')).toBe(isHeld);
    expect(body.includes('a change of holder HAS BEGUN')).toBe(!isHeld);
  });

  const over: StoredIncident = {
    ...{ kind: 'no-candidate', vipId: 'main', nodeId: null, epoch: 3, reasons: ['because'], notifiedAtMs: null },
    ...{ atMs: NOW, overAtMs: NOW + 180_000, untoldSinceMs: null },
  };
  const pageOf = (incident: StoredIncident) =>
    incidentPage({ cluster: 'pbx', incident, runbookUrl: 'https://r', table: 'T' });

  it('that is over before anybody could be told says so, from when to when, and why it comes late', () => {
    const { subject, body, attributes } = pageOf(over);

    expect(subject).toBe('pbx OVER, told late: no-candidate: main');
    expect(body).toMatch(
      /^Over: +IT IS OVER\. It lasted from 2027-01-15T08:00:00.000Z to 2027-01-15T08:03:00.000Z, 180/,
    );
    expect(body).toMatch(/^Told late: +no page could be sent while it lasted/m);
    expect(body).toMatch(/^Next command: .*status --table T/m);
    expect(body).toContain('https://r#no-candidate');
    expect(attributes['served']).toBe('yes');
  });

  it.each(['zone-failure', 'clock-ahead'] as const)(
    '%s that is over says nothing of callers: it is of no VIP',
    (kind) => {
      const { subject, attributes } = pageOf({ ...over, kind, vipId: null, epoch: null });

      expect(subject).toBe(`pbx OVER, told late: ${kind}: pbx`);
      expect(attributes).toMatchObject({ vip: '-', served: 'not-known' });
    },
  );

  it('says since when others like it came and went untold, and only then', () => {
    expect(pageOf({ ...over, overAtMs: null, untoldSinceMs: NOW - 60_000 }).body).toMatch(
      /^Before that: +it came and went since 2027-01-15T07:59:00.000Z, untold$/m,
    );
    expect(pageOf(over).body).not.toContain('Before that');
  });
});
