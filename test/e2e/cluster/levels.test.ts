/**
 * The levels of adoption, each deployed on nodes that are of that level: what the check says, and what a failover keeps.
 * Each level has an emulator of its own, which takes two seconds: less than `cdk destroy` would between two of them.
 */
import { createAdoptedWorld } from '../../../local/demo/adoption/adopted-world';
import { ADOPTION_LEVELS, needsDatabase, type AdoptionLevel } from '../../../local/demo/adoption/level';
import { levelFindings } from '../../../local/demo/adoption/verdict';
import type { Facts } from '../../../local/demo/facts';
import { notYet, ready, until } from '../../../local/demo/until';
import { readCluster, type World } from '../../../local/demo/world';
import { stopAll } from '../../../local/emulator/processes';
import { StandIn } from '../../../local/standin/process';
import { PROJECT } from '../support/project';
import { shortOf } from '../support/stage';

const CONFIG = 'examples/adopt.yaml';
const CALLS = 4;
const LEVEL_TIMEOUT_MS = 240_000;

let world: World | null = null;

afterEach(async () => {
  await world?.destroy();
  world = null;
  await stopAll();
}, 60_000);

describe('nodes that exist already', () => {
  it.each(ADOPTION_LEVELS)(
    'level %i: the check names it, and a failover keeps what it promises',
    async (level) => {
      world = await opened(level);

      const harmless = await isInStandby(world, 'fs2');
      const findings = levelFindings({ level, nodes: await world.check() });
      const facts = await afterKill(world, level);

      expect(findings.filter(({ holds }) => !holds)).toEqual([]);
      expect(harmless).toBe(level > 0);
      expect(facts.holder).toEqual({ before: 'fs1', after: 'fs2' });
      expect(facts.caller).toMatchObject({ servedNow: true, servedByAfter: 'fs2' });
      if (needsDatabase(level)) {
        expect(facts.calls.ledger).toMatchObject({ before: CALLS, resurrected: CALLS, aliveAfter5s: CALLS, lost: [] });
        expect(facts.calls.sessionsNow).toBe(2 * CALLS);
      } else {
        expect(shortOf(facts)).toEqual([]);
        expect(facts.calls).toMatchObject({ ledger: null, sessionsNow: 0 });
        expect(facts.transitions.at(-1)?.steps.recover).toMatchObject({
          status: 'skipped',
          proof: 'the cluster has no database: established calls are not recovered',
        });
      }
    },
    LEVEL_TIMEOUT_MS,
  );
});

async function opened(level: AdoptionLevel): Promise<World> {
  const options = { projectDir: PROJECT, name: 'e2e-levels', config: CONFIG, log: () => undefined };
  const made = await createAdoptedWorld(options, { cluster: readCluster(options), level });
  world = made.world;
  await made.world.prepare();
  await made.world.deploy();
  await made.world.startNodes();
  await made.world.waitUntilHealthy();
  return made.world;
}

/** Until the page is out and, where calls are recovered, counted for the first time. */
async function afterKill(running: World, level: AdoptionLevel): Promise<Facts> {
  await running.placeCalls(CALLS);
  await running.inject('kill');
  return until('the outcome is known', { timeoutMs: 90_000, everyMs: 500 }, async () => {
    const facts = await running.facts();
    const { ledger } = facts.calls;
    if (needsDatabase(level)) {
      const counted = (ledger?.aliveAfter5s ?? null) !== null;
      if (!counted) await running.observers.wake(running.deployment.failoverFunction);
      return counted && facts.caller.servedNow ? ready(facts) : notYet('the calls are not counted');
    }
    const missing = shortOf(facts);
    return missing.length === 0 ? ready(facts) : notYet(missing.join('; '));
  });
}

/** Whether a node answers no caller before it is promoted: all of level 1. */
async function isInStandby(running: World, nodeId: string): Promise<boolean> {
  const process = running.fleet.process(nodeId);
  if (!(process instanceof StandIn)) throw new Error(`${nodeId} runs a real FreeSWITCH, whose standby nobody sees`);
  return (await process.state()).profiles.every(({ standby }) => standby);
}
