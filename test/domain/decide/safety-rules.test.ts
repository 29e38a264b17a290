import { looks, nodeState, NOW, policy, vipState } from '../../support/cluster';
import { decideOne, withHolderSeen } from './stage';

describe('safety rules', () => {
  const dead = looks('fs-a', 'refused', 'silent');

  it.each([
    ['cluster', { control: { paused: true, pausedReason: 'deploy', pausedUntilMs: null, transitionsInFlight: 0 } }],
    ['VIP', { vips: [vipState({ paused: true })] }],
    ['holder', { nodes: [nodeState('fs-a', { paused: true }), nodeState('fs-b')] }],
  ])('a paused %s means no automatic action', (_name, overrides) => {
    expect(decideOne(withHolderSeen(dead, overrides))).toMatchObject({ kind: 'none' });
  });

  it('a second failover inside the block period waits for a human', () => {
    const blocked = vipState({ lastAutomaticFailoverAtMs: NOW - policy.blockPeriodMs + 1 });
    expect(decideOne(withHolderSeen(dead, { vips: [blocked] }))).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('goes ahead once it is acknowledged, or the period is over', () => {
    const acknowledged = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000, acknowledgedAtMs: NOW - 500 });
    const over = vipState({ lastAutomaticFailoverAtMs: NOW - policy.blockPeriodMs });
    expect(decideOne(withHolderSeen(dead, { vips: [acknowledged] }))).toMatchObject({ kind: 'change' });
    expect(decideOne(withHolderSeen(dead, { vips: [over] }))).toMatchObject({ kind: 'change' });
  });

  it('an acknowledgement of an earlier failover does not lift the block of a later one', () => {
    const stale = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000, acknowledgedAtMs: NOW - 2_000 });
    expect(decideOne(withHolderSeen(dead, { vips: [stale] }))).toMatchObject({ incident: { kind: 'blocked' } });
  });

  it('reinstatement is exempt from the block', () => {
    const seen = looks('fs-a', 'ok', 'standby').map((each) => ({
      ...each,
      esl: { ...each.esl, coreUuid: 'uuid-new' },
    }));
    const blocked = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000 });
    expect(decideOne(withHolderSeen(seen, { vips: [blocked] }))).toMatchObject({ transition: 'reinstatement' });
  });
});
