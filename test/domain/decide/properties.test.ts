import fc from 'fast-check';

import { decide } from '../../../lib/domain/decide';
import type { Change, Decision } from '../../../lib/domain/decision';
import type { ClusterSnapshot, Observation } from '../../../lib/domain/model';
import { NOW } from '../../support/cluster';
import { anyCluster } from '../any-cluster';

describe('properties of the judgement', () => {
  it('no failover without two fresh, seeing, awake observers that miss the holder, and two that see the standby fit', () => {
    let failovers = 0;
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        for (const { vipId, from, to } of failoversIn(snapshot)) {
          failovers += 1;
          const counts = snapshot.observations.filter(
            (each) => !each.blind && !each.muted && NOW - each.observedAtMs <= 12_000,
          );
          // A VIP may leave for the sake of another one on its node.
          const leaving = snapshot.vips.filter(({ holder }) => holder?.nodeId === from?.nodeId);
          const against = counts.filter(
            (each) => each.nodeId === from?.nodeId && leaving.some((vip) => isMissed(each, vip.vipId)),
          );
          const fit = counts.filter((each) => each.nodeId === to.nodeId && isFit(each, vipId));
          expect(against.length).toBeGreaterThanOrEqual(2);
          expect(fit.length).toBeGreaterThanOrEqual(2);
        }
      }),
      { numRuns: 2_000 },
    );
    // A property that never met the case it is about would prove nothing.
    expect(failovers).toBeGreaterThan(50);
  });

  it('is the same for the same input, whatever the order of the observations', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        const reversed = { ...snapshot, observations: [...snapshot.observations].reverse() };
        const [one, other] = [snapshot, reversed].map((each) => decide(each, [], NOW).map(withoutWords));
        for (const { kind } of one ?? []) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        expect(other).toEqual(one);
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(...['change', 'incident', 'none'].map((kind) => kinds.get(kind) ?? 0))).toBeGreaterThan(50);
  });
});

const failoversIn = (snapshot: ClusterSnapshot): Change[] =>
  decide(snapshot, [], NOW).filter(
    (decision): decision is Change => decision.kind === 'change' && decision.transition === 'failover',
  );

const isMissed = ({ sip }: Observation, vipId: string): boolean =>
  !['ok', 'busy', 'standby'].includes(sip[vipId]?.verdict ?? '');

const isFit = ({ esl, sip }: Observation, vipId: string): boolean =>
  esl.verdict === 'ok' && ['ok', 'standby'].includes(sip[vipId]?.verdict ?? '');

/** Zones are named in the order in which they are read. */
function withoutWords(decision: Decision): { kind: Decision['kind'] } {
  if (decision.kind === 'incident') {
    const { kind, vipId, incident } = decision;
    return { kind, ...{ vipId, incident: incident.kind } };
  }
  const { reasons: _words, ...what } = decision;
  return what;
}
