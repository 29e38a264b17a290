import { LeaseKeeper } from '../../../lib/operations/observe/lease-keeper';
import { DEFAULT_LEASE_POLICY } from '../../../lib/operations/observe/lease-rule';
import { MemoryStateStore } from '../../../lib/simulation/memory-store';
import { ZONES } from '../../support/cluster';
import { silentLog } from '../../support/fake-world';
import { VirtualClock } from '../../support/virtual-clock';

const [A] = ZONES;
const POLICY = DEFAULT_LEASE_POLICY;

/** The keepers of zone A, by the names of their observers. */
function stage() {
  const clock = new VirtualClock();
  const store = new MemoryStateStore();
  const metrics = { count: () => undefined, durationMs: () => undefined };
  const keeperOf = (owner: string): LeaseKeeper => {
    const self = { owner, zone: A, version: 'v1', lifetimeMs: 880_000, startedAtMs: clock.wallMs() };
    return new LeaseKeeper({ store, clock, log: silentLog, metrics }, self, POLICY);
  };
  const enter = async (owner: string): Promise<LeaseKeeper> => {
    const keeper = keeperOf(owner);
    await store.takeObserverLease(keeper.lease('v1'), () => true);
    return keeper;
  };
  return { clock, store, enter, owner: () => store.leases.get(A)?.owner };
}

describe('the lease of a zone', () => {
  it('is released at once by who holds it', async () => {
    const { clock, store, enter } = stage();
    const keeper = await enter('first');

    await keeper.release('v1');

    expect(store.leases.get(A)?.untilMs).toBe(clock.wallMs());
  });

  it('is not released by who has lost it', async () => {
    const { store, enter, owner } = stage();
    const first = await enter('first');
    const second = await enter('second');

    await first.release('v1');

    expect(owner()).toBe('second');
    expect(store.leases.get(A)).toEqual(second.lease('v1'));
  });

  it('runs out by itself where it cannot be released', async () => {
    const { store, enter } = stage();
    const keeper = await enter('first');
    store.takeObserverLease = () => Promise.reject(new Error('away'));

    await expect(keeper.release('v1')).resolves.toBeUndefined();
  });

  it('is not renewed by who was told to stop: its release would be undone', async () => {
    const { clock, store, enter } = stage();
    const keeper = await enter('first');
    const stop = new AbortController();
    const kept = keeper.keep(() => 'v1', stop.signal);
    await clock.advance(POLICY.renewEveryMs / 2);
    const renewals = jest.spyOn(store, 'takeObserverLease');

    stop.abort();

    expect(await kept).toBe('stopped');
    expect(renewals).not.toHaveBeenCalled();
  });

  it('is lost with the first renewal after another took it, and is not taken back', async () => {
    const { clock, enter, owner } = stage();
    const keeper = await enter('first');
    const kept = keeper.keep(() => 'v1', new AbortController().signal);
    await enter('second');

    await clock.advance(POLICY.renewEveryMs);

    expect(await kept).toBe('lost');
    expect(owner()).toBe('second');
  });
});
