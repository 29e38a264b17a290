/** What a deployment is refused for: a node that is in use, or that was left and may act still, would be lost. */
import type { InstanceFacts } from '../../lib/domain/ports';
import type { Cause, StepName, Topology, Transition } from '../../lib/domain/model';
import { guardReplacement, register } from '../../lib/operations/register';
import type { RegistrationRequest } from '../../lib/operations/registration-request';
import { aMove, journalOf } from '../support/moves';
import { registrationStage, REQUEST } from '../support/registration-stage';

type Scene = ReturnType<typeof registrationStage>;
const UNKNOWN = { instanceId: 'i-b', state: 'unknown', owner: null } as const;

/** Of fs-a and fs-b, `nodeId` holds main. */
async function heldBy(nodeId: string): Promise<Scene> {
  const scene = registrationStage();
  await register(scene.deps, REQUEST);
  hold(scene, nodeId);
  scene.world.calls.splice(0);
  return scene;
}

function hold({ store }: Scene, nodeId: string, epoch = 1): void {
  Object.assign(store.vips.get('main') ?? {}, { epoch, status: 'held', holder: { nodeId, coreUuid: 'uuid-old' } });
}

/** Its tag is on another machine now. */
function replace({ instances }: Scene, nodeId: string): void {
  const facts: Partial<InstanceFacts> = { instanceId: 'i-new', networkInterfaceId: 'eni-new' };
  Object.assign(instances[nodeId] ?? {}, facts);
}

const without = (nodeId: string): RegistrationRequest => ({
  ...REQUEST,
  version: 'v2',
  nodes: REQUEST.nodes.filter(({ id }) => id !== nodeId),
  vips: REQUEST.vips.map((vip) => ({ ...vip, candidates: vip.candidates.filter((id) => id !== nodeId) })),
});

/** `main` left fs-b for fs-a, by `cause`, and the steps that are named are done. */
async function left(done: readonly StepName[], cause: Cause = 'suspected-death'): Promise<Scene> {
  const scene = await heldBy('fs-a');
  hold(scene, 'fs-a', 2);
  journal(scene, 2, { from: { nodeId: 'fs-b', coreUuid: 'uuid-old' }, cause }, done);
  return scene;
}

function journal(
  { store, deps }: Scene,
  epoch: number,
  { from, cause }: Pick<Transition, 'from' | 'cause'>,
  done: readonly StepName[],
  rootEpoch = epoch,
): void {
  const to = { nodeId: 'fs-a', coreUuid: 'uuid-a' };
  const change = aMove({ from, cause, transition: 'failover', to, expectedEpoch: epoch - 1 });
  const transition = journalOf(change, store.topology as Topology, deps.clock.wallMs(), done);
  store.transitions.set(transition.id, { ...transition, chain: { rootEpoch, retargets: epoch - rootEpoch } });
}

describe('a holder whose id another instance has', () => {
  it('refuses the deployment before anything is claimed, and says how to go on', async () => {
    const scene = await heldBy('fs-b');
    replace(scene, 'fs-b');

    await expect(register(scene.deps, REQUEST)).rejects.toThrow(
      /i-new while i-b is running.*understudy switchover --vip main/,
    );

    expect(scene.world.calls.filter((call) => call.includes('tag'))).toEqual([]);
    expect(scene.store.topology?.nodes[1]?.instanceId).toBe('i-b');
  });

  it.each(['stopped', 'terminated'])('is admitted once the old one is %s: its process is gone', async (state) => {
    const scene = await heldBy('fs-b');
    replace(scene, 'fs-b');
    scene.world.instances.set('i-b', { ...UNKNOWN, state });

    await expect(register(scene.deps, REQUEST)).resolves.toMatchObject({ nodes: [{}, { instanceId: 'i-new' }] });
  });

  it('is admitted once EC2 does not know the old one any more', async () => {
    const scene = await heldBy('fs-b');
    replace(scene, 'fs-b');
    scene.world.instances.delete('i-b');

    await expect(register(scene.deps, REQUEST)).resolves.toMatchObject({ nodes: [{}, { instanceId: 'i-new' }] });
  });

  it('is refused while EC2 does not say what the old one does', async () => {
    const scene = await heldBy('fs-b');
    replace(scene, 'fs-b');
    scene.world.instances.set('i-b', UNKNOWN);

    await expect(register(scene.deps, REQUEST)).rejects.toThrow(/i-b is unknown/);
  });
});

describe('a standby', () => {
  it('may get another instance', async () => {
    const scene = await heldBy('fs-a');
    replace(scene, 'fs-b');

    await expect(register(scene.deps, REQUEST)).resolves.toMatchObject({ nodes: [{}, { instanceId: 'i-new' }] });
  });

  it('may be left out', async () => {
    const { deps } = await heldBy('fs-a');

    await expect(register(deps, without('fs-b'))).resolves.toMatchObject({ nodes: [{ id: 'fs-a' }] });
  });

  it('that a change of holder took out of service gets another instance once the old one ended', async () => {
    const scene = await heldBy('fs-a');
    await scene.store.setLockedOut('fs-b', 'main#1');
    replace(scene, 'fs-b');

    await expect(register(scene.deps, REQUEST)).rejects.toThrow(/main#1 took it out of service/);

    scene.world.instances.set('i-b', { ...UNKNOWN, state: 'stopped' });
    await expect(register(scene.deps, REQUEST)).resolves.toBeDefined();
  });
});

it('a node that a change of holder took out of service is left out once its instance ended', async () => {
  const scene = await heldBy('fs-a');
  await scene.store.setLockedOut('fs-b', 'main#1');

  await expect(register(scene.deps, without('fs-b'))).rejects.toThrow(/left out.*while i-b is running.*main#1 took it/);

  scene.world.instances.set('i-b', { ...UNKNOWN, state: 'stopped' });
  await expect(register(scene.deps, without('fs-b'))).resolves.toBeDefined();
});

describe('a node that a VIP was moved away from', () => {
  it.each([
    ['fence', ['lock', 'stop']],
    ['lock', ['fence', 'stop']],
    ['stop', ['fence', 'lock']],
  ] as const)('is not left out while step %s is open', async (open, done) => {
    const { deps, store } = await left(done);

    await expect(register(deps, without('fs-b'))).rejects.toThrow(
      new RegExp(`fs-b cannot be left out.*main#2 leaves it and has not settled ${open}: wait`),
    );

    expect(store.topology?.version).toBe('v1');
  });

  it('gets no other instance while the old one lives and a step is open', async () => {
    const scene = await left(['fence', 'stop']);
    replace(scene, 'fs-b');

    await expect(register(scene.deps, REQUEST)).rejects.toThrow(/while i-b is running.*main#2 leaves it/);

    scene.world.instances.set('i-b', { ...UNKNOWN, state: 'stopped' });
    await expect(register(scene.deps, REQUEST)).resolves.toBeDefined();
  });

  it('may be left out once it is fenced, locked and stopped', async () => {
    const { deps } = await left(['fence', 'lock', 'stop']);

    await expect(register(deps, without('fs-b'))).resolves.toMatchObject({ version: 'v2' });
  });

  it('is not left out while a retargeting owes what the change before it began', async () => {
    const scene = await left([]);
    hold(scene, 'fs-a', 3);
    journal(scene, 3, { from: { nodeId: 'fs-c', coreUuid: 'uuid-c' }, cause: 'candidate-died' }, ['fence'], 2);

    await expect(register(scene.deps, without('fs-b'))).rejects.toThrow(/main#3 leaves it/);
  });

  it('is not left out while the change is stuck: an acknowledgement begins it anew', async () => {
    const scene = await left([]);
    Object.assign(scene.store.transitions.get('main#2') ?? {}, { status: 'stuck' });

    await expect(register(scene.deps, without('fs-b'))).rejects.toThrow(/main#2 leaves it/);
  });

  it.each([
    ['refuses', ['lock'], /would replace what was left and may act still: fs-b \(main#2: fence\)/],
    ['refuses', ['fence'], /fs-b \(main#2: lock\)/],
  ] as const)('%s to be replaced by CloudFormation, which would shut it down in order', async (_, done, message) => {
    const { store } = await left(done);

    const guarded = guardReplacement(store, { nodes: { 'fs-b': 'old' } }, { nodes: { 'fs-b': 'new' } });

    await expect(guarded).rejects.toThrow(message);
  });

  it.each([
    ['itself, once it is fenced and locked', ['fence', 'lock'], 'fs-b'],
    ['nobody else', [], 'fs-c'],
  ] as const)('lets CloudFormation replace %s', async (_, done, nodeId) => {
    const { store } = await left(done);

    const guarded = guardReplacement(store, { nodes: { [nodeId]: 'old' } }, { nodes: { [nodeId]: 'new' } });

    await expect(guarded).resolves.toBeUndefined();
  });
});

describe('a decision that meets the deployment', () => {
  /** Written by whoever had read the topology before. */
  function chosenMeanwhile(scene: Scene): void {
    scene.deps.clock.sleep = () => {
      hold(scene, 'fs-b', 2);
      return Promise.resolve();
    };
  }

  it('which leaves its target out: the deployment is refused, and the topology has the node again', async () => {
    const scene = await heldBy('fs-a');
    chosenMeanwhile(scene);

    await expect(register(scene.deps, without('fs-b'))).rejects.toThrow(/fs-b holds main/);

    expect(scene.store.topology).toMatchObject({ version: 'v1', nodes: [{ id: 'fs-a' }, { id: 'fs-b' }] });
  });

  it('which gives its target another instance', async () => {
    const scene = await heldBy('fs-a');
    replace(scene, 'fs-b');
    chosenMeanwhile(scene);

    await expect(register(scene.deps, REQUEST)).rejects.toThrow(/fs-b cannot become i-new/);

    expect(scene.store.topology?.nodes[1]?.instanceId).toBe('i-b');
  });

  it('which takes its target from the candidates', async () => {
    const scene = await heldBy('fs-a');
    chosenMeanwhile(scene);
    const request = { ...REQUEST, vips: REQUEST.vips.map((vip) => ({ ...vip, candidates: ['fs-a'] })) };

    await expect(register(scene.deps, request)).rejects.toThrow(/fs-b holds main/);

    expect(scene.store.topology?.vips[0]?.candidates).toEqual(['fs-a', 'fs-b']);
  });

  it('which takes nothing away: nothing is waited for', async () => {
    const scene = await heldBy('fs-a');
    const before = scene.deps.clock.monotonicMs();

    await register(scene.deps, { ...REQUEST, version: 'v2' });

    expect(scene.deps.clock.monotonicMs()).toBe(before);
  });

  it('is waited for long enough', async () => {
    const scene = await heldBy('fs-a');
    const before = scene.deps.clock.monotonicMs();

    await register(scene.deps, without('fs-b'));

    expect(scene.deps.clock.monotonicMs() - before).toBe(15_000);
  });
});
