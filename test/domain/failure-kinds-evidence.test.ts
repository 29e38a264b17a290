/** What each piece of evidence weighs, and how a gray failure is named. */
import { type Classification, type Weight } from '../../lib/domain/failure-kinds';
import type { ClusterSnapshot, EslEvidence, Observation, SipEvidence } from '../../lib/domain/model';
import { classified as classify, holderSeen } from '../support/classified';
import { look, looks, topologyOf, ZONES } from '../support/cluster';

const classified = (holder: Observation[], overrides: Partial<ClusterSnapshot> = {}): Classification =>
  classify(holderSeen(holder, overrides));

const weighs = (seen: Observation[], source: string, zone: string | null, overrides: Partial<ClusterSnapshot> = {}) =>
  classified(seen, overrides)
    .evidence.filter((each) => each.source === source && each.zone === zone)
    .map((each) => each.weighs);

/** From these zones by index; the others are answered well. */
const from = (indices: number[], esl: EslEvidence['verdict'], of: SipEvidence['verdict']): Observation[] =>
  ZONES.map((zone, index) => (indices.includes(index) ? look('fs-a', zone, esl, of) : look('fs-a', zone, 'ok', 'ok')));

describe('a signal', () => {
  it.each<[EslEvidence['verdict'], Weight]>([
    ['ok', 'for'],
    ['paused', 'for'],
    ['stopping', 'nothing'],
    ['refused', 'against'],
    ['silent', 'against'],
    ['malformed', 'against'],
    ['rejected', 'for'],
  ])('of the event socket that is %s weighs %s', (verdict, expected) => {
    expect(weighs(looks('fs-a', verdict, 'ok'), 'esl', ZONES[0])).toEqual([expected]);
  });

  it.each<[SipEvidence['verdict'], Weight]>([
    ['ok', 'for'],
    ['busy', 'for'],
    ['standby', 'against'],
    ['refused', 'against'],
    ['silent', 'against'],
    ['malformed', 'nothing'],
  ])('of SIP that is %s weighs %s', (verdict, expected) => {
    expect(weighs(looks('fs-a', 'ok', verdict), 'sip', ZONES[0])).toEqual([expected]);
  });

  it('that was not asked for is no evidence', () => {
    expect(weighs(looks('fs-a', 'ok', 'ok', { sip: {} }), 'sip', ZONES[0])).toEqual([]);
  });
});

describe('a database that answers', () => {
  it('excuses no silence on SIP', () => {
    const well = { verdict: 'ok', detail: 'answers', latencyMs: 2 } as const;

    expect(weighs(looks('fs-a', 'ok', 'silent', { database: well }), 'database', ZONES[0])).toEqual(['nothing']);
  });
});

describe('the standby', () => {
  it('that is fit speaks against a holder only where that answers no majority', () => {
    expect(weighs(from([0, 1], 'silent', 'silent'), 'standby', null)).toEqual(['against']);
    expect(weighs(from([0], 'silent', 'silent'), 'standby', null)).toEqual(['nothing']);
  });

  it('that is not fit weighs nothing, and says why', () => {
    const { evidence } = classified(looks('fs-a', 'silent', 'silent'), {
      observations: [...looks('fs-a', 'silent', 'silent'), ...looks('fs-b', 'refused', 'silent')],
    });

    expect(evidence.at(-1)).toMatchObject({ source: 'standby', zone: null, weighs: 'nothing' });
    expect(evidence.at(-1)?.says).toContain('fs-b is not fit');
  });

  it.each<[string, Observation[], Weight, string]>([
    ['gets no answer', from([1], 'silent', 'silent'), 'against', 'gets no answer from fs-a either (silent)'],
    ['is answered', from([0], 'silent', 'silent'), 'for', 'gets an answer from fs-a (serving)'],
    ['sees a standby', from([1], 'ok', 'standby'), 'nothing', 'gets an answer from fs-a (in-standby)'],
    [
      'has no vote',
      from([1], 'silent', 'silent').map((each) => ({ ...each, muted: each.zone === ZONES[1] })),
      'nothing',
      'has no vote on fs-a',
    ],
    ['never looked', from([], 'ok', 'ok').filter(({ zone }) => zone !== ZONES[1]), 'nothing', 'has no vote on fs-a'],
  ])('has an observer beside it that %s', (_words, seen, expected, says) => {
    const beside = classified(seen).evidence.filter(({ source, zone }) => source === 'standby' && zone === ZONES[1]);

    expect(beside).toEqual([
      { source: 'standby', zone: ZONES[1], says: `the observer beside fs-b ${says}`, weighs: expected },
    ]);
  });

  it('without an observer beside it speaks for itself alone', () => {
    const base = topologyOf();
    const nodes = base.nodes.map((node) => (node.id === 'fs-b' ? { ...node, zone: 'us-east-1f' } : node));

    const { evidence } = classified(looks('fs-a', 'ok', 'ok'), { topology: { ...base, nodes } });

    expect(evidence.filter(({ source }) => source === 'standby')).toHaveLength(1);
  });

  it('that is told of is the one that is fit', () => {
    const topology = topologyOf(3);
    const observations = [
      ...looks('fs-a', 'ok', 'ok'),
      ...looks('fs-b', 'refused', 'silent'),
      ...looks('fs-c', 'ok', 'standby'),
    ];

    expect(classified([], { topology, observations }).evidence.at(-1)?.says).toContain('fs-c is seen fit');
  });

  it('is not told of where there is none', () => {
    const { evidence } = classified(looks('fs-a', 'ok', 'ok'), { topology: topologyOf(1) });

    expect(evidence.filter(({ source }) => source === 'standby')).toEqual([]);
  });
});

describe('observers that contradict each other', () => {
  it.each<[string, Observation[], string | null]>([
    [
      'two without an answer, of whom the smaller camp is the third',
      from([0, 1], 'silent', 'silent'),
      `observer ${ZONES[2]} dissents`,
    ],
    [
      'one without an answer, in the zone of the standby',
      from([1], 'silent', 'silent'),
      `observer ${ZONES[1]} dissents`,
    ],
    [
      'one without a vote, who does not count',
      from([0], 'silent', 'silent').map((each) => ({ ...each, muted: each.zone === ZONES[0] })),
      null,
    ],
    [
      'two camps of one, the third has no vote',
      from([0], 'silent', 'silent').map((each) => ({ ...each, muted: each.zone === ZONES[2] })),
      `observer ${ZONES[0]} dissents`,
    ],
    [
      'two without an answer, against the holder’s own zone',
      from([1, 2], 'silent', 'silent'),
      `observer ${ZONES[0]} dissents`,
    ],
    [
      'two without an answer, and the third has no vote',
      from([0, 1], 'silent', 'silent').map((each) => ({ ...each, muted: each.zone === ZONES[2] })),
      null,
    ],
    ['all without an answer', from([0, 1, 2], 'silent', 'silent'), null],
    ['all with an answer', from([], 'ok', 'ok'), null],
  ])('%s', (_words, seen, expected) => {
    expect(classified(seen).gray).toBe(expected);
  });

  it.each([
    [
      'a node that has one of its own',
      ['fs-b', 'fs-c'],
      /^seen well by the standby's zone only \(us-east-1b, us-east-1c\)$/,
    ],
    ['only one of them', ['fs-b'], /^observers us-east-1b and us-east-1c dissent$/],
  ])('two of five who see it well, beside %s', (_words, candidates, expected) => {
    const base = topologyOf(3);
    const zones = [...ZONES, 'us-east-1d', 'us-east-1e'];
    const topology = {
      ...base,
      observers: zones,
      vips: base.vips.map((vip) => ({ ...vip, candidates: ['fs-a', ...candidates] })),
    };
    const seen = zones.map((zone) => {
      const verdict = zone === ZONES[1] || zone === ZONES[2] ? 'ok' : 'silent';
      return look('fs-a', zone, verdict, verdict);
    });

    expect(classified(seen, { topology, observations: seen }).gray).toMatch(expected);
  });
});
