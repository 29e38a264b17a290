/** A planned move whose target died before anything was taken: the holder that it leaves is well, and serves. */
import { OutsideTimeout } from '../../lib/domain/errors';
import { decisionWrite } from '../../lib/domain/transition';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { restoreLeftBehind } from '../../lib/operations/restore-left-behind';
import { looks, topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { aMove } from '../support/moves';

const SILENT = 'its database does not answer it';

/** `main` was on its way from fs-a, which serves, to fs-c. That died, and the move goes on to `toNodeId`. */
async function goingOnTo(toNodeId: 'fs-a' | 'fs-b', isHeard: boolean): Promise<Stage> {
  const topology = topologyOf(3, { database: { host: 'db.internal', port: 5432, name: 'freeswitch' } });
  const stage: Stage = await decided(
    'suspected-death',
    {
      before: (call) => {
        if (call === 'node.check' && !isHeard) throw new OutsideTimeout('no node-control function answered');
      },
    },
    topology,
  );
  const { world, store, clock } = stage;
  const died = { nodeId: 'fs-c', coreUuid: 'uuid-fs-c' };
  const first = decisionWrite(aMove({ expectedEpoch: 0, to: died }), topology, [], clock.wallMs(), 'test').transition;
  const to = { nodeId: toNodeId, coreUuid: `uuid-${toNodeId}` };
  const goesOn = aMove({ cause: 'candidate-died', from: died, to, follows: first });
  store.transitions.set('main#1', { ...first, status: 'superseded' });
  store.transitions.set('main#2', decisionWrite(goesOn, topology, [], clock.wallMs(), 'test').transition);
  world.switches.set('fs-a', { coreUuid: 'uuid-fs-a', serving: true });
  world.switches.set('fs-c', null);
  const seen = looks('fs-a', 'ok', 'ok', { observedAtMs: clock.wallMs() });
  for (const each of seen) await store.putObservation(each, clock.wallMs());
  return stage;
}

const TAKES = /eip\.detach|shutdown|lockRole|ec2\.stop/;
const taken = ({ world }: Stage): string[] => world.calls.filter((call) => TAKES.test(call));
const lockedBy = ({ store }: Stage, nodeId: string) => store.nodes.get(nodeId)?.lockedBy;

describe('a planned move whose target died before it took anything', () => {
  it('locks nobody out before node-control answers that the next one can serve', async () => {
    const stage = await goingOnTo('fs-b', false);

    expect(await stage.converge()).toMatchObject({ outcome: 'open' });

    expect(taken(stage)).toEqual([]);
    expect(lockedBy(stage, 'fs-a')).toBeNull();
    expect(stage.journal().steps.lock.error).toMatch(/nothing is taken .* no node-control function answered/);
  });

  it.each([
    ['the next one could not read the rows', 'fs-b', SILENT],
    ['the one that serves may not have written them', 'fs-a', `fs-a may not have written their rows: ${SILENT}`],
  ])('takes nothing from the one that serves while %s', async (_words, without, why) => {
    const stage = await goingOnTo('fs-b', true);
    stage.world.withoutDatabase.set(without, SILENT);

    await stage.converge();

    expect(taken(stage)).toEqual([]);
    expect(stage.journal().steps.fence.error).toContain(why);
  });

  it('goes back to the one that serves whatever its database: no call leaves it', async () => {
    const stage = await goingOnTo('fs-a', true);
    stage.world.withoutDatabase.set('fs-a', SILENT);

    expect(await stage.converge()).toMatchObject({ outcome: 'done' });

    expect([...stage.world.locked]).toEqual(['fs-c']);
  });

  it('brings back the one that served once the move is done, also while the dead one is not', async () => {
    const stage = await goingOnTo('fs-b', true);
    const { world, deps, store, clock } = stage;
    const lookForThoseLeftBehind = async () => restoreLeftBehind(deps, await store.readCluster(), DEFAULT_TIMING);
    const over = stage.converge();
    await clock.until(() => lockedBy(stage, 'fs-a') === 'main#2', 30_000);

    await lookForThoseLeftBehind();
    expect(world.instances.get('i-a')?.state).toBe('running');

    expect(await over).toMatchObject({ outcome: 'done' });
    await lookForThoseLeftBehind();
    expect(world.instances.get('i-a')?.state).toBe('stopping');
    world.instances.set('i-a', { instanceId: 'i-a', state: 'stopped', owner: null });
    await lookForThoseLeftBehind();

    expect(lockedBy(stage, 'fs-a')).toBeNull();
    expect(world.instances.get('i-a')?.state).toBe('running');
    expect(lockedBy(stage, 'fs-c')).toBe('main#2');
    expect([...world.locked]).toEqual(['fs-c']);
  });
});
