import fc from 'fast-check';

import type { Observation } from '../../../lib/domain/model';
import { healthy, look, NOW, ZONES } from '../../support/cluster';
import { decideOne } from './stage';

describe('properties of the judgement', () => {
  const eslVerdicts = fc.constantFrom('ok', 'paused', 'stopping', 'refused', 'silent', 'rejected', 'malformed');
  const sipVerdicts = fc.constantFrom('ok', 'busy', 'standby', 'refused', 'silent', 'malformed');
  const anyLook = (nodeId: string, zone: string): fc.Arbitrary<Observation> =>
    fc
      .record({
        e: eslVerdicts,
        s: sipVerdicts,
        blind: fc.boolean(),
        muted: fc.boolean(),
        ageMs: fc.integer({ min: 0, max: 20_000 }),
      })
      .map(({ e, s, blind, muted, ageMs }) => look(nodeId, zone, e, s, { blind, muted, observedAtMs: NOW - ageMs }));
  const anyCluster = fc
    .tuple(...['fs-a', 'fs-b'].flatMap((node) => ZONES.map((zone) => anyLook(node, zone))))
    .map((observations) => healthy({ observations }));

  it('no failover without two fresh, seeing, awake observers that miss the holder, and two that see the standby fit', () => {
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        const decision = decideOne(snapshot);
        if (decision.kind !== 'change' || decision.transition !== 'failover') return;
        const counts = snapshot.observations.filter(
          (each) => !each.blind && !each.muted && NOW - each.observedAtMs <= 12_000,
        );
        const against = counts.filter(
          (each) => each.nodeId === 'fs-a' && !['ok', 'busy', 'standby'].includes(each.sip.main?.verdict ?? ''),
        );
        const fit = counts.filter(
          (each) =>
            each.nodeId === 'fs-b' &&
            each.esl.verdict === 'ok' &&
            ['ok', 'standby'].includes(each.sip.main?.verdict ?? ''),
        );
        expect(against.length).toBeGreaterThanOrEqual(2);
        expect(fit.length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same for the same input, whatever the order of the observations', () => {
    fc.assert(
      fc.property(anyCluster, (snapshot) => {
        const reversed = { ...snapshot, observations: [...snapshot.observations].reverse() };
        const { reasons: _a, ...one } = decideOne(snapshot);
        const { reasons: _b, ...other } = decideOne(reversed);
        if (one.kind === 'incident' && other.kind === 'incident') expect(other.incident.kind).toBe(one.incident.kind);
        else expect(other).toEqual(one);
      }),
    );
  });
});
