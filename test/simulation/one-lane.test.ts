/** The stream hands over the records of one VIP one after another: whoever follows must not wait for what is stuck. */
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import { runCluster } from '../../lib/simulation/run';
import { PAIR } from '../../lib/simulation/scenario';
import { MINUTE_MS, pair } from './scenarios';

beforeAll(useLightAbort);

it.each([0, 800, 1_200])(
  'a target that freezes %i ms into its failover holds up nobody who takes its place',
  async (afterMs) => {
    const { changes, violations, unservedMs } = await runCluster(
      pair({ shape: { ...PAIR, nodeZones: ['a', 'b', 'c'] } }),
      {
        faults: [
          { atMs: 45_000, fault: { kind: 'no-restart', nodeId: 'fs-1', forMs: 5 * MINUTE_MS } },
          { atMs: 45_400 + afterMs, fault: { kind: 'freeze', nodeId: 'fs-2', forMs: 2 * MINUTE_MS } },
        ],
        untilRest: true,
      },
    );

    expect(violations).toEqual([]);
    expect(changes.map(({ cause }) => cause)).toEqual(['first-assignment', 'conclusive-death', 'candidate-died']);
    expect(changes.at(-1)).toMatchObject({ callsLost: 0 });
    expect(unservedMs).toBeLessThan(9_500);
  },
  30_000,
);
