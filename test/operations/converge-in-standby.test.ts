/** A holder that fell into standby is promoted again, and its calls go on in its process: unless that ended meanwhile. */
import type { Topology } from '../../lib/domain/model';
import { DEFAULT_TIMING } from '../../lib/operations/converge/context';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';
import { aMove, journalOf } from '../support/moves';

const CALLS_ARE_IN = 'uuid-fs-a';
const HOLDER = { nodeId: 'fs-a', coreUuid: CALLS_ARE_IN };
const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

async function promotedAgain(runs: string, topology: Topology = topologyOf(3, { database })): Promise<Stage> {
  const stage = await decided('sip-stuck', {}, topology);
  const change = aMove({ transition: 'reinstatement', cause: 'holder-in-standby', to: HOLDER });
  Object.assign(stage.journal(), journalOf(change, topology, stage.clock.wallMs()));
  Object.assign(stage.store.vips.get('main')!, { holder: HOLDER });
  stage.world.switches.set('fs-a', { coreUuid: runs, serving: false });
  return stage;
}

const LEFT = 'fs-a runs uuid-next now, and the calls never left uuid-fs-a: the judgement follows';

describe('a holder that is promoted again', () => {
  it('as the same process has its calls still', async () => {
    const stage = await promotedAgain(CALLS_ARE_IN);

    await stage.converge();

    expect(stage.journal().status).toBe('done');
    expect(stage.store.vips.get('main')?.holder).toEqual(HOLDER);
  });

  it('as another process serves callers at once, and is not the end of it: the calls wait for a recovery', async () => {
    const stage = await promotedAgain('uuid-next');

    await stage.converge();

    expect(stage.world.switches.get('fs-a')).toMatchObject({ serving: true });
    expect(stage.journal()).toMatchObject({ status: 'open', steps: { promote: { status: 'pending', error: LEFT } } });
    expect(stage.store.vips.get('main')).toMatchObject({ status: 'moving', holder: HOLDER });
  });

  it('and is restarted before that is read back is not the end of it either', async () => {
    const stage = await promotedAgain(CALLS_ARE_IN);
    const { promote } = stage.deps.nodeControl;
    stage.deps.nodeControl.promote = async (...order) => {
      const result = await promote(...order);
      stage.world.switches.set('fs-a', { coreUuid: 'uuid-next', serving: true });
      stage.deps.nodeControl.promote = promote;
      return result;
    };

    await stage.converge();

    expect(stage.journal()).toMatchObject({ status: 'open', steps: { verify: { status: 'pending', error: LEFT } } });
  });

  it('as another process, which nobody judges, is a human’s after ten minutes', async () => {
    const stage = await promotedAgain('uuid-next');
    await stage.clock.advance(DEFAULT_TIMING.stuckAfterMs);

    await stage.converge();

    expect(stage.journal().status).toBe('stuck');
    expect(JSON.stringify([...stage.store.incidents.values()])).toContain(LEFT);
  });

  it('as another process is the end of it where no database could bring calls back', async () => {
    const stage = await promotedAgain('uuid-next', topologyOf(3));

    await stage.converge();

    expect(stage.journal().status).toBe('done');
    expect(stage.store.vips.get('main')?.holder).toEqual({ nodeId: 'fs-a', coreUuid: 'uuid-next' });
  });
});
