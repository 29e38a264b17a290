/** node-control is killed in the middle of a recovery, and its successor's answer is lost: once is once all the same. */
import { workersOf } from '../../../local/demo/observers';
import { notYet, ready, until } from '../../../local/demo/until';
import type { CallsStage } from '../support/calls-stage';
import { shortOf } from '../support/stage';

/** So many that a recovery takes half a second: a leg takes 2.5 ms (FACTS 3). */
const CALLS = 100;

export function callsInterrupted(calls: () => CallsStage): void {
  describe('a recovery', () => {
    afterEach(() => calls().rest());

    it('that is killed half-way neither recovers a call twice nor forgets the rest', async () => {
      const { stage } = calls();
      const { world } = stage;
      const [other = ''] = await calls().others();
      const { recovery: earlier } = await stage.standIn(other).state();
      await world.placeCalls(CALLS);
      const lost = world.emulator.faults.add({
        ...{ service: 'lambda', action: 'Invoke', bodyIncludes: '"action":"recover"' },
        ...{ skip: 1, times: 1, effect: 'lost-answer' },
      });
      await world.inject('kill');
      await until('some calls are back, and not all', { timeoutMs: 30_000, everyMs: 10 }, async () => {
        const sessions = await calls().sessions(other);
        return sessions > 0 && sessions < 2 * CALLS ? ready(true) : notYet(`${sessions} sessions`);
      });

      expect(killNodeControl(calls())).toBeGreaterThan(0);

      await world.waitForOutcome(60_000);
      await world.waitForLedger();
      const facts = await world.facts();
      expect(lost.hits).toBe(1);
      expect(shortOf(facts)).toEqual([]);
      expect(facts.calls.ledger).toMatchObject({ before: CALLS, aliveAfter5s: CALLS, aliveAfter30s: CALLS, lost: [] });
      const { recovery, profiles } = await stage.standIn(other).state();
      expect(recovery.legs - earlier.legs).toBe(2 * CALLS);
      expect(recovery.failedLegs).toBe(earlier.failedLegs);
      expect(recovery.recoveredWhileServing).toBe(0);
      expect(profiles).toMatchObject([{ sessions: 2 * CALLS, silent: 0 }]);
    });
  });
}

/** SIGKILL to every process that runs a node-control function. Returns how many there were. */
function killNodeControl({ stage }: CallsStage): number {
  const { topology, temporaryDir } = stage.world;
  const pids = Object.values(topology.nodeControl).flatMap((name) => workersOf(name, temporaryDir));
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.length;
}
