/**
 * What `explain` calls a failure, held against what struck the holder. The kinds and cases are those of the table in
 * docs/architecture.md, "Kinds of failure".
 */
import { explain } from '../../lib/domain/explain';
import { FAILURE_CASES, type FailureCaseName, type FailureKind } from '../../lib/domain/failure-kinds';
import type { Fault } from '../../lib/simulation/faults/fault';
import { strike } from '../../lib/simulation/faults/strike';
import { EPOCH_MS } from '../../lib/simulation/kernel/kernel';
import { useLightAbort } from '../../lib/simulation/kernel/light-abort';
import type { World } from '../../lib/simulation/world/world';
import { MINUTE_MS, pair, worldAfter } from './scenarios';

beforeAll(useLightAbort);

const forMs = 30 * MINUTE_MS;
const nodeId = 'fs-1';
const zone = 'us-east-1a';
const EVERY_MS = 500;
const LOOKED_AT_FOR_MS = 30_000;

/** Nothing is done about a failure meanwhile: the holder stays, and with it what is seen of it. */
const PAUSED = { kind: 'paused', subject: 'cluster', id: 'cluster', forMs, withWindow: false } as const;

/** What is shown of the holder from the strike on, one case after another, as long as it does not just serve. */
async function shownAfter(fault: Fault): Promise<string[]> {
  const world = await worldAfter(MINUTE_MS, pair(), [{ atMs: MINUTE_MS / 2, fault: PAUSED }]);
  strike(world, fault);
  const shown: string[] = [];
  for (let ms = 0; ms < LOOKED_AT_FOR_MS; ms += EVERY_MS) {
    await world.kernel.run(world.kernel.nowMs + EVERY_MS, () => undefined);
    const name = await shownIn(world);
    if (name !== null && name !== 'serving' && name !== shown.at(-1)) shown.push(name);
  }
  world.end();
  return shown;
}

async function shownIn({ table, kernel }: World): Promise<FailureCaseName | null> {
  const { vips } = explain(await table.readCluster(), [...table.transitions.values()], EPOCH_MS + kernel.nowMs);
  const [found] = vips;
  expect(found).toMatchObject({ holder: nodeId, status: 'held' });
  return found?.classification.conclusive === true ? found.classification.case : null;
}

describe('what is shown of a holder is what has struck it', () => {
  it.each<[FailureKind, FailureCaseName[], Fault]>([
    // The process ended, and nobody or somebody starts it again. At a start SIP answers before the event socket does.
    ['software', ['process-gone'], { kind: 'no-restart', nodeId, forMs }],
    ['software', ['process-gone', 'esl-lost', 'restarted'], { kind: 'crash', nodeId }],
    ['software', ['process-gone', 'esl-lost', 'restarted'], { kind: 'stopped-gracefully', nodeId }],
    // Silence does not tell whether the process is frozen, its host lost, or cut off.
    ['hardware', ['silent'], { kind: 'freeze', nodeId, forMs }],
    ['hardware', ['silent'], { kind: 'host', nodeId, forMs }],
    ['hardware', ['silent'], { kind: 'node-cut', nodeId, forMs }],
    // EC2 says so first, while it still serves.
    ['hardware', ['host-going', 'host-down'], { kind: 'instance-stopped', nodeId, forMs }],
    ['software', ['sip-stuck'], { kind: 'sip-stuck', nodeId, forMs }],
    ['software', ['fallen-into-standby'], { kind: 'fall-into-standby', nodeId }],
    // Callers are served all the same.
    ['software', ['esl-lost'], { kind: 'esl-closed', nodeId, forMs }],
    ['software', ['esl-lost'], { kind: 'esl-hangs', nodeId, forMs }],
    ['overload', ['full'], { kind: 'busy', nodeId, forMs }],
    ['operator', ['paused'], { kind: 'switch-paused', nodeId, forMs }],
    ['misconfiguration', ['rejecting'], { kind: 'rejects', nodeId, forMs }],
    ['database', ['database-hangs'], { kind: 'database-slow', forMs, silencesSip: true }],
    ['database', ['database-hangs'], { kind: 'database-away', forMs, silencesSip: true }],
    // One path of three, and a clock: no failure of the holder.
    ['none', [], { kind: 'path-cut', zone: 'us-east-1c', nodeId, forMs }],
    ['none', [], { kind: 'clock-behind', nodeId, byMs: 5_000, forMs }],
    ['none', [], { kind: 'database-slow', forMs, silencesSip: false }],
  ])('%s, %j: %j', async (kind, cases, fault) => {
    expect(await shownAfter(fault)).toEqual(cases);
    expect(new Set(cases.map((name) => FAILURE_CASES[name].kind))).toEqual(new Set(kind === 'none' ? [] : [kind]));
  });

  it.each<Fault>([
    { kind: 'zone', zone, forMs },
    { kind: 'isolation', zone, forMs },
  ])('a zone that fails is a partition as long as the last word of its own observer is fresh: %j', async (fault) => {
    expect(await shownAfter(fault)).toEqual(['partition', 'zone-gone']);
  });
});
