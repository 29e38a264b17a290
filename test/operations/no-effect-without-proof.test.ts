/** DESIGN invariant 3, step by step: what has to be settled before an effect, and what may not be touched at all. */
import { prerequisites } from '../../lib/domain/transition';
import { ForeignOwner, OutsideRefused } from '../../lib/domain/errors';
import type { StepName, StepRecord, Transition } from '../../lib/domain/model';
import { attachAddress, detachAddress } from '../../lib/operations/converge/address';
import { DEFAULT_TIMING, Superseded, type StepContext } from '../../lib/operations/converge/context';
import { contextOf } from '../../lib/operations/converge/converge';
import { repointName } from '../../lib/operations/converge/dns';
import { fenceOldHolder } from '../../lib/operations/converge/fence';
import { lockOldRole } from '../../lib/operations/converge/lock';
import { recoverCalls } from '../../lib/operations/converge/recover';
import { restoreOldNodes } from '../../lib/operations/converge/restore';
import { stopOldNode } from '../../lib/operations/converge/stop';
import { looks, topologyOf, vipState } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };

async function prepared(over: Partial<Record<StepName, Partial<StepRecord>>> = {}) {
  const stage = await decided('suspected-death', {}, topologyOf(3, { database }));
  const journal = stage.journal();
  const changed = Object.entries(over).map(([step, record]) => [
    step,
    { ...journal.steps[step as StepName], ...record },
  ]);
  const transition: Transition = { ...journal, steps: { ...journal.steps, ...Object.fromEntries(changed) } };
  const records = { records: transition.steps };
  const { deps, topology } = stage;
  const kept = (): Promise<boolean> => Promise.resolve(true);
  const context: StepContext = await contextOf(deps, topology, transition, records, DEFAULT_TIMING, kept);
  return { stage, context };
}

const wasStopped = ({ world }: Stage): boolean => world.calls.includes('ec2.forceStop');

describe('what is settled before a step begins', () => {
  it.each<[StepName, StepName[], StepName[]]>([
    ['attach', ['detach'], ['detach']],
    ['promote', ['attach'], ['attach', 'fence']],
    ['dns', ['attach'], ['attach', 'fence']],
    ['recover', ['attach'], ['attach']],
    ['verify', ['fence', 'promote'], ['fence', 'dns', 'promote']],
    ['notify', ['verify'], ['verify']],
    ['ledger', ['recover', 'verify'], ['recover', 'promote']],
    ['stop', ['promote'], []],
    ['restore', ['stop', 'lock', 'verify', 'recover'], ['stop', 'lock', 'fence', 'promote', 'recover']],
  ])('%s: %j with a public address, %j without', (step, withAddress, without) => {
    expect(prerequisites(step, true)).toEqual(withAddress);
    expect(prerequisites(step, false)).toEqual(without);
  });
});

describe('the rows of the old holder', () => {
  it('are not touched while its role is not locked', async () => {
    const { stage, context } = await prepared({ lock: { status: 'pending' } });
    expect(await recoverCalls(context)).toMatchObject({ done: false });
    expect(stage.world.recoveries).toEqual([]);
  });

  it('are locked first where its end by order is proved by nothing but the address', async () => {
    const lock = { status: 'skipped', proof: 'the old process ends by order' } as const;
    const { stage, context } = await prepared({ lock, fence: { status: 'done', proof: '(d) its address is gone' } });
    expect(await recoverCalls(context)).toMatchObject({ done: true });
    const { calls } = stage.world;
    expect(calls.indexOf('node.lockRole')).toBeGreaterThanOrEqual(0);
    expect(calls.indexOf('node.lockRole')).toBeLessThan(calls.indexOf('node.recover'));
  });
});

describe('the address', () => {
  it('that somebody else took between the look and the detach is left alone', async () => {
    const { stage, context } = await prepared();
    const newer = {
      ...{ associationId: 'eipassoc-newer', networkInterfaceId: 'eni-c' },
      ...{ privateAddress: '10.0.2.11', instanceId: null },
    };
    const guard = (): Promise<void> => Promise.resolve(void (stage.world.association = newer));
    await detachAddress({ ...context, guard });
    expect(stage.world.association).toEqual(newer);
  });

  it('is believed to be there when it reads back, whatever the attach said', async () => {
    const { stage, context } = await prepared();
    stage.world.association = null;
    const { clock, elasticIps } = context.deps;
    const deps = {
      ...context.deps,
      elasticIps: { ...elasticIps, attach: () => Promise.resolve('attached' as const) },
      clock: { wallMs: () => clock.wallMs(), monotonicMs: () => clock.monotonicMs(), sleep: () => Promise.resolve() },
    };
    expect(await attachAddress({ ...context, deps })).toMatchObject({ done: false });
  });

  it.each(['suspected-death', 'operator-drained'] as const)(
    'proves the fence of a node that does not answer (%s), and not before it is there',
    async (cause) => {
      const { context } = await prepared();
      const transition = { ...context.transition, cause };
      expect(await fenceOldHolder({ ...context, transition })).toMatchObject({ done: false });
    },
  );
});

describe('the name', () => {
  it.each([
    ['that carries a newer epoch', ['10.0.2.11']],
    ['of which only the mark of a newer epoch is left', []],
  ])('%s is left alone, and a human told of the record', async (_words, addresses) => {
    const { stage, context } = await prepared();
    const newer = { addresses, ttlS: 5, epoch: 9, owner: 'pbx/test' };
    stage.world.record = newer;
    const error = await repointName(context).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(OutsideRefused);
    expect(String(error)).toMatch(/TXT record of sip\.pbx\.internal carries epoch 9, and main is at 2: .*Delete/);
    expect(stage.world.record).toBe(newer);
  });

  it('that carries a newer epoch is none of a change which was itself superseded', async () => {
    const { stage, context } = await prepared();
    stage.world.record = { addresses: ['10.0.2.11'], ttlS: 5, epoch: 9, owner: 'pbx/test' };
    const guard = (): Promise<void> => Promise.reject(new Superseded('main is at epoch 9, not 2'));
    await expect(repointName({ ...context, guard })).rejects.toBeInstanceOf(Superseded);
  });

  it('gets its address again where only our mark is left', async () => {
    const { stage, context } = await prepared();
    stage.world.record = { addresses: [], ttlS: 5, epoch: 1, owner: 'pbx/test' };
    const { targetAddress } = context;
    expect(await repointName(context)).toMatchObject({
      done: true,
      proof: expect.stringContaining(`swapped from nothing to ${targetAddress}`),
    });
    expect(stage.world.record).toMatchObject({ addresses: [targetAddress], epoch: context.transition.epoch });
  });
});

describe('a role that the database does not let be locked', () => {
  const lock = async (stop: Partial<StepRecord>) => {
    const { context } = await prepared({ stop });
    const lockRole = () => Promise.resolve({ locked: false as const, away: true, reason: 'the database is away' });
    const nodeControl = { ...context.deps.nodeControl, lockRole };
    return lockOldRole({ ...context, deps: { ...context.deps, nodeControl } });
  };

  it.each<[string, Partial<StepRecord>, boolean]>([
    ['needs no lock once its instance was stopped', { status: 'done', proof: 'the instance of fs-a is stopped' }, true],
    ['needs none where EC2 does not know it any more', { status: 'done', proof: 'the instance of fs-a is gone' }, true],
    ['is locked later where there was nothing to stop', { status: 'done', proof: 'there is no old node' }, false],
    [
      'is locked later where another node was stopped',
      { status: 'done', proof: 'the instance of fs-aa is gone' },
      false,
    ],
    ['is locked later while its node still stops', { status: 'pending', proof: null }, false],
  ])('%s', async (_words, stop, settled) => {
    expect((await lock(stop)).done).toBe(settled);
  });

  it('is locked later where its node was left running, because it holds a VIP', async () => {
    const { stage, context } = await prepared();
    stage.store.vips.set('main', vipState({ vipId: 'main', epoch: 2, holder: { nodeId: 'fs-a', coreUuid: null } }));

    const stop = await stopOldNode(context);

    expect(stop).toMatchObject({ done: true, proof: expect.stringContaining('left running') });
    expect(await lock({ status: 'done', proof: stop.done ? stop.proof : null })).toMatchObject({ done: false });
  });
});

describe('the role of the node that takes over', () => {
  it('is never locked', async () => {
    const { stage, context } = await prepared();
    const to = stage.topology.nodes.find((node) => node.id === 'fs-a');
    if (to === undefined) throw new Error('no such node');
    await lockOldRole({ ...context, to });
    expect([...stage.world.locked]).toEqual([]);
  });
});

describe('a node that comes back', () => {
  it('is not let in by another process where nobody knows the old one', async () => {
    const { stage, context } = await prepared();
    const observedAtMs = stage.clock.wallMs();
    for (const look of looks('fs-a', 'ok', 'standby', { observedAtMs }))
      await stage.store.putObservation(look, observedAtMs);
    await stage.store.setLockedOut('fs-a', 'main#2');
    const from = { nodeId: 'fs-a', coreUuid: null };
    await restoreOldNodes({ ...context, transition: { ...context.transition, from } });
    expect(stage.world.calls).not.toContain('node.unlockRole');
  });

  it('is not let in for one VIP while the change of another one has taken it out of service since', async () => {
    const { stage, context } = await prepared();
    const { store } = stage;
    stage.world.instances.set('i-a', { instanceId: 'i-a', state: 'stopped', owner: null });
    const later = { id: 'second#7', vipId: 'second', epoch: 7, decidedAtMs: context.transition.decidedAtMs + 1 };
    store.transitions.set('second#7', {
      ...{ ...context.transition, ...later, from: { nodeId: 'fs-a', coreUuid: 'uuid-next' } },
    });
    await store.setLockedOut('fs-a', 'second#7');

    expect(await restoreOldNodes(context)).toMatchObject({ done: false, why: expect.stringContaining('second#7') });
    expect(stage.world.calls).not.toContain('node.unlockRole');

    await store.setLockedOut('fs-a', 'main#2');
    await restoreOldNodes(context);
    expect(stage.world.calls).toContain('node.unlockRole');
  });

  it('is not started in the middle of its maintenance', async () => {
    const { stage, context } = await prepared();
    stage.world.instances.set('i-a', { instanceId: 'i-a', state: 'stopped', owner: null });
    await stage.store.setPaused({ kind: 'node', id: 'fs-a' }, true, null);
    expect(await restoreOldNodes(context)).toMatchObject({ done: false });
    expect(stage.world.calls).not.toContain('ec2.start');
  });
});

describe('the old node', () => {
  it('is stopped', async () => {
    const { stage, context } = await prepared();
    await stopOldNode(context);
    expect(wasStopped(stage)).toBe(true);
  });

  it('that holds a VIP again is not', async () => {
    const { stage, context } = await prepared();
    const holder = { nodeId: 'fs-a', coreUuid: null };
    stage.store.vips.set('main', vipState({ vipId: 'main', epoch: 2, holder }));
    expect(await stopOldNode(context)).toMatchObject({ done: true });
    expect(wasStopped(stage)).toBe(false);
  });

  it('that takes the VIP back is not', async () => {
    const { stage, context } = await prepared();
    const to = stage.topology.nodes.find((node) => node.id === 'fs-a');
    if (to === undefined) throw new Error('no such node');
    await stopOldNode({ ...context, to });
    expect(wasStopped(stage)).toBe(false);
  });

  it('of another deployment is not', async () => {
    const { stage, context } = await prepared();
    stage.world.instances.set('i-a', { instanceId: 'i-a', state: 'running', owner: 'pbx/other' });
    await expect(stopOldNode(context)).rejects.toBeInstanceOf(ForeignOwner);
    expect(wasStopped(stage)).toBe(false);
  });
});
