import { healthy, look, looks, NOW, policy, topologyOf, vipState } from '../../support/cluster';
import { decideOne, forLong, withHolderSeen } from './stage';

describe('SIP stuck while ESL is well, where the policy says `page`: it may be a slow database', () => {
  const topology = topologyOf(2, { policy: { ...policy, sipStuckAction: 'page' } });
  const stuck = looks('fs-a', 'ok', 'silent');
  const paged = { kind: 'incident', incident: { kind: 'sip-stuck', vipId: 'main', nodeId: 'fs-a', epoch: 1 } };

  it('a human is told, and nothing is torn down although a standby is fit', () => {
    const decision = decideOne(withHolderSeen(stuck, { topology }));
    expect(decision).toMatchObject(paged);
    expect(decision.reasons.join(' ')).toMatch(/seen from us-east-1a.*database.*nothing was torn down/);
  });

  it('also where one observer of the majority misses ESL: another one reaches it', () => {
    const seen = [
      look('fs-a', 'us-east-1a', 'silent', 'silent', forLong),
      look('fs-a', 'us-east-1b', 'ok', 'silent', forLong),
      look('fs-a', 'us-east-1c', 'ok', 'ok'),
    ];
    expect(decideOne(withHolderSeen(seen, { topology }))).toMatchObject(paged);
  });

  it('inside the block period too: `blocked` would promise a failover on acknowledgement', () => {
    const blocked = vipState({ lastAutomaticFailoverAtMs: NOW - 1_000 });
    expect(decideOne(withHolderSeen(stuck, { topology, vips: [blocked] }))).toMatchObject(paged);
  });

  it('without a fit standby too: none would be used', () => {
    expect(decideOne(healthy({ topology, observations: stuck }))).toMatchObject(paged);
  });

  it('is not believed sooner than the policy says', () => {
    const few = looks('fs-a', 'ok', 'silent', { sipMisses: { main: policy.sipStuckAfterMisses - 1 } });
    expect(decideOne(withHolderSeen(few, { topology }))).toMatchObject({ kind: 'none', well: false });
  });

  it.each([
    ['killed', 'refused', 'conclusive-death'],
    ['frozen', 'silent', 'suspected-death'],
  ] as const)('a holder that was %s fails over as ever', (_name, eslVerdict, cause) => {
    const decision = decideOne(withHolderSeen(looks('fs-a', eslVerdict, 'silent'), { topology }));
    expect(decision).toMatchObject({ kind: 'change', transition: 'failover', cause });
  });
});
