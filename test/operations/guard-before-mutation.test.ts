/** DESIGN invariant 5: the epoch is read again before each mutation. Here it is a newer one, whenever it is asked. */
import type { Cause, StepName, Transition } from '../../lib/domain/model';
import { attachAddress, detachAddress } from '../../lib/operations/converge/address';
import { DEFAULT_TIMING, Superseded, type Step, type StepContext } from '../../lib/operations/converge/context';
import { contextOf } from '../../lib/operations/converge/converge';
import { repointName } from '../../lib/operations/converge/dns';
import { fenceOldHolder } from '../../lib/operations/converge/fence';
import { lockOldRole } from '../../lib/operations/converge/lock';
import { promoteTarget, verifyTarget } from '../../lib/operations/converge/promote';
import { recoverCalls } from '../../lib/operations/converge/recover';
import { restoreOldNodes } from '../../lib/operations/converge/restore';
import { stopOldNode } from '../../lib/operations/converge/stop';
import { topologyOf } from '../support/cluster';
import { decided, type Stage } from '../support/converge-stage';

const READS = ['eip.read', 'eip.readByAddress', 'dns.read', 'ec2.describe', 'node.check'];

interface Arrangement {
  cause?: Cause;
  coreUuid?: null;
  /** Steps that are done already. */
  done?: StepName[];
  prepare?: (stage: Stage) => void;
  /** The guard lets the step pass so many times. */
  passes?: number;
}

/** What a step did to the world before the guard stopped it. */
async function mutationsOf(step: Step, arrangement: Arrangement): Promise<string[]> {
  const { cause, coreUuid, done = [], prepare, passes = 0 } = arrangement;
  const database = { host: 'db.internal', port: 5432, name: 'freeswitch' };
  const stage = await decided('conclusive-death', {}, topologyOf(3, { database }));
  prepare?.(stage);
  const { steps, from, ...journal } = stage.journal();
  const settled = Object.fromEntries(
    done.map((name) => [name, { ...steps[name], status: 'done', proof: '(a) it is gone' } as const]),
  );
  const transition: Transition = {
    ...journal,
    from: from !== null && coreUuid === null ? { ...from, coreUuid } : from,
    cause: cause ?? journal.cause,
    steps: { ...steps, ...settled },
  };
  const context = await contextOf(
    stage.deps,
    stage.topology,
    transition,
    { records: transition.steps },
    DEFAULT_TIMING,
  );
  let asked = 0;
  const guard = (): Promise<void> => {
    asked += 1;
    return asked > passes ? Promise.reject(new Superseded('main is at epoch 3, not 2')) : Promise.resolve();
  };
  const guarded: StepContext = { ...context, guard };
  await expect(step(guarded)).rejects.toBeInstanceOf(Superseded);
  const lockedOut = stage.store.nodes.get('fs-a')?.lockedBy === transition.id ? ['store.setLockedOut'] : [];
  return [...stage.world.calls.filter((call) => !READS.includes(call)), ...lockedOut];
}

const elsewhere = ({ world }: Stage): void => {
  world.association = {
    ...{ associationId: 'eipassoc-stale', networkInterfaceId: 'eni-c' },
    ...{ privateAddress: '10.0.2.11', instanceId: null },
  };
};

const atTheTarget = ({ world, journal, topology }: Stage): void => {
  const target = topology.nodes.find((node) => node.id === journal().to.nodeId);
  world.association = {
    associationId: 'eipassoc-9',
    networkInterfaceId: target?.networkInterfaceId ?? '',
    privateAddress: target?.vipAddresses.main ?? '',
    instanceId: null,
  };
  world.record = { addresses: [target?.vipAddresses.main ?? ''], ttlS: 5, epoch: 2, owner: 'pbx/test' };
  world.switches.set(target?.id ?? '', { coreUuid: `uuid-${target?.id}`, serving: true });
};

const outOfService = ({ store, world }: Stage): void => {
  const node = store.nodes.get('fs-a');
  if (node !== undefined) node.lockedBy = 'main#2';
  world.locked.add('fs-a');
  world.instances.set('i-a', { instanceId: 'i-a', state: 'stopped', owner: null });
};

describe('a step that finds a newer epoch', () => {
  const cases: [string, Step, Arrangement][] = [
    ['does not take the address off', detachAddress, {}],
    ['does not take it off a stale actor', attachAddress, { prepare: elsewhere }],
    ['does not put it on', attachAddress, { prepare: ({ world }) => (world.association = null) }],
    ['does not swap the name', repointName, {}],
    ['does not end the old process', fenceOldHolder, { cause: 'sip-stuck' }],
    ['does not put the old holder into standby', fenceOldHolder, { cause: 'operator-drained' }],
    ['does not lock the old role, nor mark its node', lockOldRole, {}],
    ['does not end the standby', promoteTarget, {}],
    ['does not mark the address', verifyTarget, { prepare: atTheTarget }],
    ['does not rebuild calls', recoverCalls, { done: ['lock', 'fence'], passes: 1 }],
    ['does not take registrations over', recoverCalls, { coreUuid: null }],
    ['does not stop the old node, nor mark it', stopOldNode, {}],
  ];

  it.each(cases)('%s', async (_what, step, arrangement) => {
    expect(await mutationsOf(step, arrangement)).toEqual([]);
  });

  it('after it took the address off a stale actor does not put it on', async () => {
    expect(await mutationsOf(attachAddress, { prepare: elsewhere, passes: 1 })).toEqual(['eip.detach']);
  });

  it('neither lets the old node in nor starts it', async () => {
    // Only the mark of this very journal is there, from before.
    expect(await mutationsOf(restoreOldNodes, { prepare: outOfService })).toEqual(['store.setLockedOut']);
  });
});
