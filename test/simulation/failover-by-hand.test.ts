/** What the runbook's "Failover by hand" promises. */
import type { ScheduledFault } from '../../lib/simulation/faults/fault';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import type { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from './scenarios';

const SECOND_MS = 1_000;

beforeAll(useLightAbort);

const paused = (atMs: number, forMs: number): ScheduledFault => ({
  atMs,
  fault: { kind: 'paused', subject: 'cluster', id: 'cluster', forMs, withWindow: false },
});
/** For good: it ends with its instance alone. */
const hangs = (atMs: number, nodeId: string): ScheduledFault => ({
  atMs,
  fault: { kind: 'freeze', nodeId, forMs: 24 * 60 * MINUTE_MS },
});

/** The steps in the runbook's order: end the old holder for certain, promote the standby, move the address. */
function failOverByHand(world: World, from: string, to: string): void {
  world.people.stopInstance(from);
  const process = world.switchOf(to).process!;
  process.setPromoted('vip-1', true);
  process.rescan('vip-1');
  world.people.moveAddress('vip-1', to);
}

const isServed = ({ truth, topology }: World): boolean => truth.isServed(topology!, topology!.vips[0]!);

/** How many of the seconds until then callers were not served in. */
async function unservedUntil(world: World, untilMs: number): Promise<number> {
  let unserved = 0;
  while (world.kernel.elapsedMs < untilMs) {
    await world.kernel.run(world.kernel.elapsedMs + SECOND_MS, () => undefined);
    if (!isServed(world)) unserved += 1;
  }
  return unserved;
}

describe('a failover by hand in a paused cluster', () => {
  it('serves, and is taken over by the failover after the resume: new calls wait for a moment, old ones come back', async () => {
    const faults = [paused(5 * MINUTE_MS, 5 * MINUTE_MS), hangs(6 * MINUTE_MS, 'fs-1')];
    const world = await worldAfter(7 * MINUTE_MS, pair(), faults);
    expect(isServed(world)).toBe(false);

    failOverByHand(world, 'fs-1', 'fs-2');
    const byHand = await unservedUntil(world, 10 * MINUTE_MS);
    const afterwards = await unservedUntil(world, 20 * MINUTE_MS);

    expect(byHand).toBeLessThan(3);
    // A recovery needs its profile in standby.
    expect(afterwards).toBeLessThan(2);
    expect(world.table.vips.get('vip-1')).toMatchObject({ epoch: 2, status: 'held', holder: { nodeId: 'fs-2' } });
    expect(world.table.transitions.get('vip-1#2')).toMatchObject({
      kind: 'failover',
      calls: { before: 10, confirmed: 10 },
    });
  }, 60_000);

  it('stands where more than the pause keeps a failover off, until a human takes that away', async () => {
    const faults = [
      hangs(5 * MINUTE_MS, 'fs-1'),
      // Its block period lasts until on-call acknowledges, ten minutes after the page.
      paused(11 * MINUTE_MS, 2 * MINUTE_MS),
      hangs(11.2 * MINUTE_MS, 'fs-2'),
    ];
    const world = await worldAfter(12 * MINUTE_MS, pair(), faults);
    failOverByHand(world, 'fs-2', 'fs-1');
    const unserved = await unservedUntil(world, 14.2 * MINUTE_MS);
    expect(world.table.incidents.has('blocked#vip-1')).toBe(true);

    const afterwards = await unservedUntil(world, 20 * MINUTE_MS);

    expect([unserved, afterwards].map((seconds) => seconds < 3)).toEqual([true, true]);
    expect(world.table.vips.get('vip-1')).toMatchObject({ epoch: 3, status: 'held', holder: { nodeId: 'fs-1' } });
  }, 60_000);
});
