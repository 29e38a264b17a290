/** What on-call is told of zones and nodes, explained: the VIPs may all be well, and all is not well. */
import { explain } from '../../lib/domain/explain';
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { looks, NOW, sip } from '../support/cluster';
import { healthyPair, heldVip, seen, twoVips } from '../support/two-vips';

const topology = twoVips();
const made = { ...topology, nodes: topology.nodes.map((node) => ({ ...node, fingerprint: 'made' })) };
const ahead = (observations: Observation[]): Observation[] =>
  observations.map((each) => ({ ...each, esl: { ...each.esl, clockOffsetMs: 60_000 } }));

/** fs-a holds and serves both VIPs, fs-b and fs-c are in standby, unless seen otherwise. */
const cluster = (
  { fsA = seen('fs-a', 'ok'), fsC = seen('fs-c', 'standby') }: { fsA?: Observation[]; fsC?: Observation[] },
  more: Partial<ClusterSnapshot> = {},
): ClusterSnapshot =>
  healthyPair({ topology: made, observations: [...fsA, ...seen('fs-b', 'standby'), ...fsC], ...more });

const clockAhead =
  'node fs-a has a clock that is ahead, and its calls could not be recovered at once: on-call is paged';
const secondServer = 'node fs-c answers callers of a VIP that it does not hold: on-call is paged';

describe('the first line', () => {
  it.each([
    ['a holder whose clock is ahead', cluster({ fsA: ahead(seen('fs-a', 'ok')) }), clockAhead],
    ['a second server', cluster({ fsC: seen('fs-c', 'ok', 'standby') }), secondServer],
    [
      'the graver of the two',
      cluster({ fsA: ahead(seen('fs-a', 'ok')), fsC: seen('fs-c', 'ok', 'standby') }),
      secondServer,
    ],
  ])('names %s before it calls anything well', (_words, snapshot, says) => {
    expect(explain(snapshot, [], NOW).headline).toBe(`Callers are served. BUT ${says}.`);
  });

  it('names it before the standby that it may have cost', () => {
    const alone = { ...made, vips: made.vips.map((vip) => ({ ...vip, candidates: ['fs-a', 'fs-c'] })) };
    const second = cluster({ fsC: seen('fs-c', 'ok') }, { topology: alone });

    expect(explain(second, [], NOW).headline).toBe(`Callers are served. BUT ${secondServer}.`);
  });
});

describe('the incidents', () => {
  it('are none where there are none', () => {
    expect(explain(cluster({}), [], NOW).incidents).toEqual([]);
  });

  it('say what they are of, what they are, and why', () => {
    expect(explain(cluster({ fsA: ahead(seen('fs-a', 'ok')) }), [], NOW).incidents).toEqual([
      {
        of: 'node fs-a',
        kind: 'clock-ahead',
        says: clockAhead.replace('node fs-a ', ''),
        reasons: [expect.stringContaining('60000 ms ahead'), expect.stringContaining('`chronyc tracking`')],
      },
    ]);
  });

  it('have a zone that failed, once for all VIPs there', () => {
    const lost = looks('fs-a', 'silent', 'silent', { sip: { main: sip('silent'), second: sip('silent') } });
    const dead = lost
      .filter(({ zone }) => zone !== 'us-east-1a')
      .map((each) => ({
        ...each,
        ...{ eslMissingSinceMs: NOW - 20_000, sipMisses: { main: 10, second: 10 } },
        ...{
          sipHistory: { main: 1023, second: 1023 },
          sipMissingSinceMs: { main: NOW - 20_000, second: NOW - 20_000 },
        },
      }));
    const others = [...seen('fs-b', 'standby'), ...seen('fs-c', 'standby')].filter(({ zone }) => zone !== 'us-east-1a');
    const snapshot = healthyPair({
      topology: made,
      vips: [heldVip('main'), heldVip('second')],
      observations: [...dead, ...others],
    });

    const { incidents } = explain(snapshot, [], NOW);

    expect(incidents).toMatchObject([
      { of: 'zone us-east-1a', kind: 'zone-failure', says: 'failed, and VIPs with it: on-call is paged' },
    ]);
    expect(incidents[0]?.reasons).toContain('VIPs there: main, second');
  });
});
