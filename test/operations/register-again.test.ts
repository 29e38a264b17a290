/** A cluster that is deployed again: what it keeps, and what it refuses to take for a first deployment. */
import { OutsideTimeout } from '../../lib/domain/errors';
import type { InstanceFacts } from '../../lib/domain/ports';
import { onDeployment } from '../../lib/operations/registrar';
import { guardReplacement, register } from '../../lib/operations/register';
import type { ReplacementGuardRequest } from '../../lib/operations/registration-request';
import { registrationStage, REQUEST } from '../support/registration-stage';

type Scene = ReturnType<typeof registrationStage>;

async function registered(request = REQUEST): Promise<Scene> {
  const scene = registrationStage();
  await register(scene.deps, request);
  return scene;
}

function heldBy(nodeId: string, { store }: Scene): void {
  Object.assign(store.vips.get('main') ?? {}, { epoch: 1, status: 'held', holder: { nodeId, coreUuid: null } });
}

function change(scene: Scene, nodeId: string, facts: Partial<InstanceFacts>): void {
  Object.assign(scene.instances[nodeId] ?? {}, facts);
}

describe('a store that does not answer', () => {
  const away = async (): Promise<Scene> => {
    const scene = await registered();
    heldBy('fs-a', scene);
    scene.world.calls.splice(0);
    scene.store.readTopology = () => Promise.reject(new OutsideTimeout('throttled'));
    return scene;
  };

  it('is not taken for one in which nothing is registered', async () => {
    const { deps, world } = await away();

    await expect(register(deps, REQUEST)).rejects.toBeInstanceOf(OutsideTimeout);

    expect(world.calls).toEqual([]);
  });

  it('lets no holder be replaced', async () => {
    const { store } = await away();

    const guarded = guardReplacement(store, { nodes: { 'fs-a': 'old' } }, { nodes: { 'fs-a': 'new' } });

    await expect(guarded).rejects.toBeInstanceOf(OutsideTimeout);
  });
});

describe('the private address of a VIP', () => {
  it('is not kept from an earlier instance of its node: the new one has its own', async () => {
    const scene = await registered();
    change(scene, 'fs-b', { instanceId: 'i-new', secondaryAddresses: ['10.0.1.99', '10.0.1.11'] });

    const { nodes } = await register(scene.deps, REQUEST);

    expect(nodes[1]).toMatchObject({ instanceId: 'i-new', vipAddresses: { main: '10.0.1.99' } });
  });

  it('follows the order on a node that we made: its user data says the same', async () => {
    const created = { ...REQUEST, nodes: REQUEST.nodes.map((node) => ({ ...node, fingerprint: 'made' })) };
    const scene = await registered(created);
    change(scene, 'fs-a', { secondaryAddresses: ['10.0.0.99', '10.0.0.11'] });

    const { nodes } = await register(scene.deps, created);

    expect(nodes[0]?.vipAddresses).toEqual({ main: '10.0.0.99' });
  });
});

it('a first holder is remembered when the address is on no node', async () => {
  const scene = registrationStage();
  const association = { associationId: 'x', networkInterfaceId: 'eni-b', privateAddress: '10.0.1.11' };
  scene.eip.association = { ...association, instanceId: 'i-b' };
  await register(scene.deps, REQUEST);
  scene.eip.association = null;

  const { vips } = await register(scene.deps, REQUEST);

  expect(vips[0]?.firstHolder).toBe('fs-b');
});

it('a VIP that nobody holds may be left out', async () => {
  const { deps } = await registered();

  await expect(register(deps, { ...REQUEST, vips: [] })).resolves.toMatchObject({ vips: [] });
});

describe('the mark of an address', () => {
  it('is not written again where it is ours: its epoch may have gone on since it was read', async () => {
    const scene = await registered();
    Object.assign(scene.eip, { owner: REQUEST.owner, epoch: 3 });
    scene.world.eipEpoch = 4;

    await register(scene.deps, REQUEST);

    expect(scene.world.eipEpoch).toBe(4);
  });

  it('keeps the epoch that is there where it is claimed', async () => {
    const scene = registrationStage();
    scene.eip.epoch = 7;

    await register(scene.deps, REQUEST);

    expect(scene.world).toMatchObject({ eipOwner: REQUEST.owner, eipEpoch: 7 });
  });
});

it('a table that is behind is paused before a holder is forgotten: nobody assigns the VIP in between', async () => {
  const scene = await registered();
  heldBy('fs-a', scene);
  scene.eip.epoch = 7;
  const paused: unknown[] = [];
  scene.store.hooks.onCall = (method) => {
    if (method === 'adoptEpoch') paused.push(scene.store.control?.paused);
  };

  await register(scene.deps, REQUEST);

  expect(paused).toEqual([true]);
});

describe('the replacement guard, as CloudFormation asks it', () => {
  const guard = (scene: Scene, before: ReplacementGuardRequest, next: ReplacementGuardRequest) =>
    onDeployment(scene.deps, 'pbx', {
      RequestType: 'Update',
      PhysicalResourceId: 'pbx/guard-replacement',
      ResourceProperties: { action: 'guard-replacement', request: JSON.stringify(next) },
      OldResourceProperties: { action: 'guard-replacement', request: JSON.stringify(before) },
    });

  it.each([
    ['refuses an update that would replace a holder', 'fs-a', 'FAILED'],
    ['admits one that replaces a standby', 'fs-b', 'SUCCESS'],
  ])('%s', async (_, holder, status) => {
    const scene = await registered();
    heldBy(holder, scene);

    const answer = await guard(scene, { nodes: { 'fs-a': 'old' } }, { nodes: { 'fs-a': 'new' } });

    expect(answer.status).toBe(status);
  });
});
