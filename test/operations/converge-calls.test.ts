import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

const withDatabase = (): Promise<Stage> => decided('suspected-death', {}, topologyOf(3, { database }));

const order = ({ world }: Stage, call: string): number => world.calls.indexOf(call);

describe('a failover with a database', () => {
  it('moves the address and fences the rows first, recovers once while in standby, then lets new calls in', async () => {
    const stage = await withDatabase();
    stage.world.callsBefore = 20;
    await stage.converge();
    expect(order(stage, 'node.lockRole')).toBeGreaterThanOrEqual(0);
    expect(order(stage, 'eip.attach')).toBeLessThan(order(stage, 'node.recover'));
    expect(order(stage, 'node.lockRole')).toBeLessThan(order(stage, 'node.recover'));
    expect(order(stage, 'node.recover')).toBeLessThan(order(stage, 'node.promote'));
    expect(stage.world.recoveries).toEqual([
      {
        nodeId: 'fs-b',
        vipId: 'main',
        order: {
          transitionId: 'main#2',
          deadCoreUuids: ['uuid-fs-a'],
          deadNodeIds: ['fs-a'],
          maxClockBehindMs: 1_000,
        },
      },
    ]);
  });

  it('writes the ledger, tells it in the page, and closes it after 30 s', async () => {
    const stage = await withDatabase();
    Object.assign(stage.world, { callsBefore: 20, callsAlive: 18 });
    await stage.converge();
    expect(stage.journal().calls).toMatchObject({ before: 20, aliveAfter5s: 18, aliveAfter30s: null });
    expect(stage.world.pages[0]?.body).toContain('18 of 20 kept; 2 lost: not rebuilt');
    await stage.clock.advance(30_000);
    await stage.converge(2);
    expect(stage.journal().calls).toMatchObject({ aliveAfter30s: 18, lost: [{ reason: 'not-rebuilt', count: 2 }] });
    expect(stage.journal().steps.ledger).toMatchObject({ status: 'done', proof: '18 of 20 calls live' });
    expect(stage.world.metrics).toContain('CallSurvivalPercent');
    expect(stage.world.pages).toHaveLength(1);
  });

  it('takes the old node out of service before it locks it, so that it is nobody’s standby', async () => {
    const stage = await withDatabase();
    let markedBefore: string | null | undefined;
    const { nodeControl } = stage.deps;
    stage.deps.nodeControl = {
      ...nodeControl,
      lockRole: (node, timeoutMs) => {
        markedBefore = stage.store.nodes.get('fs-a')?.lockedBy;
        return nodeControl.lockRole(node, timeoutMs);
      },
    };
    await stage.converge();
    expect(markedBefore).toBe('main#2');
  });

  it('with the database away moves address and new calls at once, and recovers when it is back', async () => {
    const stage = await withDatabase();
    Object.assign(stage.world, { databaseAway: true, callsBefore: 10 });
    const pending = stage.converge();
    await stage.clock.until(() => stage.journal().steps.promote.status === 'done', 10_000, 50);
    expect(stage.world.switches.get('fs-b')).toMatchObject({ serving: true });
    expect(stage.world.recoveries).toHaveLength(0);
    stage.world.databaseAway = false;
    await pending;
    expect(stage.world.recoveries).toHaveLength(1);
    expect(stage.journal()).toMatchObject({ status: 'done', calls: { before: 10, aliveAfter5s: 10 } });
  });

  it('with the database away for too long gives the calls up, and the ledger says what was lost', async () => {
    const stage = await withDatabase();
    stage.world.databaseAway = true;
    stage.journal().sessionsBefore = 8;
    for (let run = 1; run < 6 && stage.journal().status === 'open'; run += 1) {
      await stage.converge(run);
      await stage.clock.advance(30_000);
    }
    expect(stage.journal()).toMatchObject({
      status: 'done',
      calls: { before: 4, lost: [{ reason: 'database-unreachable', count: 4 }] },
    });
    expect(stage.journal().steps.recover.proof).toContain('given up after 120 s');
    expect(stage.world.pages.at(-1)?.body).toContain('because the database could not be reached');
  });

  it('brings the old node back: stopped, let in, started, seen fit; in this order', async () => {
    const stage = await withDatabase();
    await stage.converge();
    const old = stage.world.instances.get('i-a');
    if (old === undefined) throw new Error('no instance');
    expect(old.state).toBe('stopping');
    expect(stage.world.locked).toContain('fs-a');
    await stage.converge(2);
    expect(stage.world.locked).toContain('fs-a');
    old.state = 'stopped';
    await stage.clock.advance(30_000);
    await stage.converge(3);
    expect(stage.world.locked).not.toContain('fs-a');
    expect(order(stage, 'node.unlockRole')).toBeLessThan(order(stage, 'ec2.start'));
    expect(stage.journal().steps.restore).toMatchObject({ status: 'pending', error: 'fs-a was ordered to start' });
    expect(stage.store.nodes.get('fs-a')?.lockedBy).toBeNull();
  });
});

describe('a failover without a database', () => {
  it('touches no row, and ends the standby all the same', async () => {
    const stage = await decided();
    await stage.converge();
    expect(stage.world.calls.filter((call) => /lockRole|recover|countAlive/.test(call))).toEqual([]);
    expect(stage.journal()).toMatchObject({ status: 'done', calls: null });
  });
});
