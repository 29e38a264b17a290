/** A challenger at a store that says no although its rule said yes: another one came first. */
import type { ObserverLease } from '../../../lib/domain/model';
import { challenge } from '../../../lib/operations/observe/challenge';
import { LeaseKeeper } from '../../../lib/operations/observe/lease-keeper';
import { DEFAULT_LEASE_POLICY } from '../../../lib/operations/observe/lease-rule';
import { healthy, ZONES } from '../../support/cluster';
import { silentLog } from '../../support/fake-world';
import { seededRandom, VirtualClock } from '../../support/virtual-clock';

const [A] = ZONES;

/** What becomes of a challenger for zone A to whom the store shows a lease that ran out, and then gives `answer`. */
async function beatenTo(answer: (lease: ObserverLease) => ObserverLease | null) {
  const clock = new VirtualClock();
  const metrics = { count: () => undefined, durationMs: () => undefined };
  const store = {
    readCluster: () => Promise.resolve(healthy()),
    takeObserverLease: (lease: ObserverLease, mayTake: (current: ObserverLease) => boolean) => {
      expect(mayTake({ ...lease, owner: 'dead', untilMs: lease.renewedAtMs })).toBe(true);
      return Promise.resolve({ taken: false, current: answer(lease) });
    },
  };
  const deps = { store, clock, random: seededRandom(1), log: silentLog, metrics };
  const mine = { zone: A, owner: 'me', version: 'v1', lifetimeMs: 880_000 };
  const keeper = new LeaseKeeper(deps, { ...mine, startedAtMs: clock.wallMs() }, DEFAULT_LEASE_POLICY);
  const outcome = challenge(deps, mine, keeper, DEFAULT_LEASE_POLICY);
  await clock.advance(DEFAULT_LEASE_POLICY.scheduleMs + 1_000);
  return outcome;
}

it('leaves when the one that came first watches', async () => {
  expect(await beatenTo((lease) => ({ ...lease, owner: 'other' }))).toMatchObject({
    outcome: 'left',
    reason: expect.stringContaining('other is watching'),
  });
});

it('never watches without the lease, also where that is gone again', async () => {
  expect(await beatenTo(() => null)).toMatchObject({
    outcome: 'left',
    reason: expect.stringContaining('another challenger came first'),
  });
});
