/** An observer that has no fresh word on any node is silent, and its zone is no place to move to. */
import type { ClusterSnapshot, Observation } from '../../lib/domain/model';
import { observerIsSilent } from '../../lib/domain/voters';
import { healthy, look, NOW, policy, ZONES } from '../support/cluster';

const [ZONE_A, ...OTHER_ZONES] = ZONES;

describe('whether an observer is silent', () => {
  const word = (overrides: Partial<Observation>): ClusterSnapshot =>
    healthy({ observations: [look('fs-b', ZONE_A, 'ok', 'standby', overrides)] });

  it.each([
    ['not when it has a fresh word on any node', {}, false],
    ['when all its words are old', { observedAtMs: NOW - policy.freshForMs - 1 }, true],
    ['when it is blind', { blind: true }, true],
    ['when it is muted', { muted: true }, true],
    ['when the word is another zone’s', { zone: OTHER_ZONES[0] ?? '' }, true],
  ])('%s', (_words, overrides, silent) => {
    expect(observerIsSilent(word(overrides), ZONE_A, NOW)).toBe(silent);
  });

  it('is not asked of a zone without one', () => {
    expect(observerIsSilent(healthy({ observations: [] }), 'us-east-1f', NOW)).toBe(false);
  });
});
