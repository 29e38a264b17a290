/** A check that nobody asks finds nothing in any number of years: each of them is asked where what it looks at can break. */
import { ADDRESS_INVARIANT, NAME_INVARIANT } from '../../../lib/simulation/invariants/addresses';
import { DECISION_INVARIANTS } from '../../../lib/simulation/invariants/decisions';
import { LIVENESS_INVARIANTS } from '../../../lib/simulation/invariants/liveness';
import { REST_INVARIANTS, STATE_INVARIANTS, TABLE_INVARIANTS } from '../../../lib/simulation/invariants/states';
import { Process } from '../../../lib/simulation/kernel/process';
import { STORE_INVARIANT } from '../../../lib/simulation/invariants/store';
import { runCluster } from '../../../lib/simulation/run';
import { Watcher } from '../../../lib/simulation/watcher';
import type { World } from '../../../lib/simulation/world/world';
import { decidedMove, MINUTE_MS, pair } from '../scenarios';
import { settled } from './stage';

interface Asked {
  invariant: string;
  broken: (...what: never[]) => string | null;
}
type Act = (watcher: Watcher, world: World) => void;

const decides: Act = (_watcher, world) => {
  decidedMove(world, 'fs-1', 'fs-2', { kind: 'switchover', cause: 'operator' });
  world.listener.tableChanged('decide', new Process(world.kernel, 'operator#1'));
};

const CHECKS: [string, readonly Asked[], Act][] = [
  ['in each instant', STATE_INVARIANTS, (watcher) => watcher.instant()],
  ['each second', LIVENESS_INVARIANTS, (watcher) => watcher.second()],
  ['at rest', REST_INVARIANTS, (watcher) => watcher.rested()],
  ['of the table, when it changes', TABLE_INVARIANTS, decides],
  ['of a decision', [...DECISION_INVARIANTS, STORE_INVARIANT], decides],
  ['of an address that moved', [ADDRESS_INVARIANT], (_, world) => world.listener.associated('eipalloc-1', false)],
  ['of a name that changed', [NAME_INVARIANT], (_, world) => world.listener.named('vip-1.sim.internal')],
];

afterEach(() => jest.restoreAllMocks());

describe('what the watcher asks', () => {
  it.each(
    CHECKS.flatMap(([when, checks, act]) => checks.map((check) => ({ when, check, act, says: check.invariant }))),
  )('$when: $says', async ({ check, act }) => {
    const world = await settled();
    const watcher = new Watcher(world);
    jest.spyOn(check, 'broken').mockReturnValue('so it is');

    act(watcher, world);

    expect(watcher.violations).toContainEqual(
      expect.objectContaining({ invariant: check.invariant, detail: 'so it is' }),
    );
  });

  it.each([
    ['in each instant', STATE_INVARIANTS],
    ['each second', LIVENESS_INVARIANTS],
    ['at rest', REST_INVARIANTS],
  ] as [string, readonly Asked[]][])('is asked in a run, and told in its result: %s', async (_when, [check]) => {
    jest.spyOn(check!, 'broken').mockReturnValue('so it is');

    const { violations } = await runCluster(pair({ durationMs: 10 * MINUTE_MS }));

    expect(violations.map(({ detail }) => detail)).toContain('so it is');
  });
});
