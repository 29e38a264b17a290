import { decide } from '../../lib/domain/decide';
import { isPaused } from '../../lib/domain/maintenance';
import type { ClusterSnapshot } from '../../lib/domain/model';
import { healthy, looks, nodeState, NOW, vipState } from '../support/cluster';

describe('a pause', () => {
  it.each([
    ['without an end lasts until it is resumed', { paused: true, pausedUntilMs: null }, true],
    ['lasts until the end of its window', { paused: true, pausedUntilMs: NOW + 1 }, true],
    ['is over at the end of its window', { paused: true, pausedUntilMs: NOW }, false],
    ['that was resumed is over, whatever its window says', { paused: false, pausedUntilMs: NOW + 1 }, false],
  ])('%s', (_words, item, paused) => {
    expect(isPaused(item, NOW)).toBe(paused);
  });
});

describe('maintenance with an end', () => {
  const standby = looks('fs-b', 'ok', 'standby');
  const dead = healthy({ observations: [...looks('fs-a', 'refused', 'silent'), ...standby] });
  const window = (pausedUntilMs: number) => ({ paused: true, pausedUntilMs });
  const pausedAs: [string, (pausedUntilMs: number) => Partial<ClusterSnapshot>][] = [
    ['cluster', (until) => ({ control: { ...window(until), pausedReason: 'deploy', transitionsInFlight: 0 } })],
    ['VIP', (until) => ({ vips: [vipState(window(until))] })],
    ['holder', (until) => ({ nodes: [nodeState('fs-a', window(until)), nodeState('fs-b')] })],
  ];

  it.each(pausedAs)('of the %s keeps automatic actions off, says until when, and ends by itself', (_name, paused) => {
    const [during] = decide({ ...dead, ...paused(NOW + 60_000) }, [], NOW);
    const [after] = decide({ ...dead, ...paused(NOW - 1) }, [], NOW);

    expect(during).toMatchObject({ kind: 'none', well: false });
    expect(during?.reasons.join()).toContain(new Date(NOW + 60_000).toISOString());
    expect(after).toMatchObject({ kind: 'change', transition: 'failover' });
  });

  it('of a candidate ends, too', () => {
    const withStandby = (until: number) => ({ nodes: [nodeState('fs-a'), nodeState('fs-b', window(until))] });

    expect(decide({ ...dead, ...withStandby(NOW + 1) }, [], NOW)).toMatchObject([
      { incident: { kind: 'no-candidate' } },
    ]);
    expect(decide({ ...dead, ...withStandby(NOW) }, [], NOW)).toMatchObject([{ kind: 'change' }]);
  });
});
