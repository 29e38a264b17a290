/**
 * Whether an operator's machine has the time that the cluster has. What a human tells it is written with that machine's
 * clock and weighed against times of others: an acknowledgement that is older than the failover lifts nothing, one that
 * is ahead lifts the blocks to come, and a maintenance window may be over before it begins.
 */
import type { Clock, Log, StateStore } from '../domain/ports';
import { DEFAULT_LEASE_POLICY } from './observe/lease-rule';

export interface OperatorClockDeps {
  store: Pick<StateStore, 'readCluster'>;
  clock: Pick<Clock, 'wallMs' | 'sleep'>;
  log: Pick<Log, 'warn'>;
}

/** Between two renewals of the newest lease, a slow answer, and what clocks that are set by NTP may differ. */
export const CLOCKS_AGREE_WITHIN_MS = 5_000;

/** A lease that is not renewed in so many looks, a renewal apart each, is of an observer that is gone. */
const LOOKS_FOR_A_RENEWAL = 3;

/**
 * Why this machine's clock may not be written, in words; null where it agrees with the observers', who renew their
 * leases every two seconds, or where nobody watches and so nobody knows better.
 * @throws what the store throws
 */
export async function whyWrongClock({ store, clock, log }: OperatorClockDeps): Promise<string | null> {
  const first = await newestRenewalMs(store);
  let newest = first;
  // One that is older than it should be is either of a clock behind ours or of an observer that is gone.
  for (let look = 1; look <= LOOKS_FOR_A_RENEWAL && newest !== null && newest === first; look += 1) {
    if (clock.wallMs() - newest <= CLOCKS_AGREE_WITHIN_MS) break;
    await clock.sleep(DEFAULT_LEASE_POLICY.renewEveryMs);
    newest = await newestRenewalMs(store);
  }
  const aheadMs = newest === null ? 0 : clock.wallMs() - newest;
  if (newest === null || (aheadMs > CLOCKS_AGREE_WITHIN_MS && newest === first)) {
    log.warn('no observer watches this cluster: the time is that of this machine');
    return null;
  }
  if (Math.abs(aheadMs) <= CLOCKS_AGREE_WITHIN_MS) return null;
  return (
    `nothing was done: the clock of this machine (${isoOf(clock.wallMs())}) is about ${Math.round(Math.abs(aheadMs) / 1000)} s ` +
    `${aheadMs > 0 ? 'ahead of' : 'behind'} that of the observers (${isoOf(newest)}), and what you say would count from a ` +
    'wrong time. Set it right by NTP (after a sleep of WSL2 or of a VM: `sudo hwclock --hctosys`), then try again'
  );
}

async function newestRenewalMs(store: OperatorClockDeps['store']): Promise<number | null> {
  const { topology, leases } = await store.readCluster();
  const renewals = leases.filter(({ zone }) => topology.observers.includes(zone)).map(({ renewedAtMs }) => renewedAtMs);
  return renewals.length === 0 ? null : Math.max(...renewals);
}

const isoOf = (atMs: number): string => new Date(atMs).toISOString();
