/** What a deletion must not do: release in a cluster that still acts, take what is another's, or call undone things done. */
import { OutsideRefused, OutsideTimeout, ResourceGone } from '../../lib/domain/errors';
import { register } from '../../lib/operations/register';
import { isRegisteredByAnother, unregister } from '../../lib/operations/unregister';
import { registrationStage, REQUEST } from '../support/registration-stage';

const ASSOCIATION = { associationId: 'eipassoc-7', networkInterfaceId: 'eni-a', privateAddress: '10.0.0.11' };

/** Registered, and in use: an address on fs-a and a name that says so. */
async function inUse() {
  const scene = registrationStage();
  await register(scene.deps, REQUEST);
  scene.world.association = { ...ASSOCIATION, instanceId: 'i-a' };
  scene.world.record = { addresses: ['10.0.0.11'], ttlS: 5, epoch: 1, owner: REQUEST.owner };
  return scene;
}

describe('what is deleted', () => {
  it.each([
    ['is what was registered where that named no function', {}, REQUEST.nodeControl],
    ['is what was registered where the deletion names none', REQUEST.nodeControl, {}],
  ])('%s', async (_, registeredWith, deletedWith) => {
    const { deps, store } = registrationStage();
    await register(deps, { ...REQUEST, nodeControl: registeredWith });

    expect(await isRegisteredByAnother(store, { nodeControl: deletedWith })).toBe(false);
  });
});

describe('the pause of a deletion', () => {
  it('comes before anything is released', async () => {
    const { deps, store, world } = await inUse();
    const pausedThen: unknown[] = [];
    deps.elasticIps = {
      ...world.elasticIps,
      detach: (associationId) => {
        pausedThen.push(store.control?.paused);
        return world.elasticIps.detach(associationId);
      },
    };
    store.hooks.onCall = () => new Promise(setImmediate);

    await unregister(deps, REQUEST);

    expect(pausedThen).toEqual([true]);
  });

  it('that could not be written releases nothing: whoever still acts would move it back', async () => {
    const { deps, store, world } = await inUse();
    store.setPaused = () => Promise.reject(new OutsideTimeout('throttled'));

    await expect(unregister(deps, REQUEST)).rejects.toBeInstanceOf(OutsideTimeout);

    expect(world.association).not.toBeNull();
  });

  it('is not needed where nothing could act: its item is gone', async () => {
    const { deps, store, world } = await inUse();
    store.control = null;

    await expect(unregister(deps, REQUEST)).resolves.toBeUndefined();

    expect(world.association).toBeNull();
  });
});

describe('what a deletion leaves', () => {
  it('is an address that another deployment has claimed meanwhile', async () => {
    const { deps, world } = await inUse();
    world.eipOwner = 'other/x';

    await unregister(deps, REQUEST);

    expect(world).toMatchObject({ association: ASSOCIATION, eipOwner: 'other/x' });
  });

  it.each(['other/x', null])('is a name that is marked by %s', async (owner) => {
    const { deps, world } = await inUse();
    world.record = { addresses: ['10.9.9.9'], ttlS: 5, epoch: 4, owner };

    await unregister(deps, REQUEST);

    expect(world.record).not.toBeNull();
  });

  it('is told where a name changed while it was being removed', async () => {
    const { deps, world } = await inUse();
    deps.dns = { ...world.dns, remove: () => Promise.resolve('stale') };

    await expect(unregister(deps, REQUEST)).rejects.toThrow(/sip\.pbx\.internal changed .*: delete the stack again/);
  });
});

describe('the deletion of a registration that was cut off', () => {
  /** Marked and never registered; the marks are ours unless `owner` says otherwise. */
  function cutOff(owner = REQUEST.owner) {
    const scene = registrationStage();
    for (const each of Object.values(scene.instances)) each.owner = owner;
    scene.eip.owner = owner;
    const node = jest.spyOn(scene.deps.instances, 'releaseOwner');
    const address = jest.spyOn(scene.deps.elasticIps, 'release');
    return { ...scene, released: () => [...node.mock.calls, ...address.mock.calls].flat() };
  }

  it('takes no mark of another deployment off', async () => {
    const { deps, released } = cutOff('other/x');

    await unregister(deps, REQUEST);

    expect(released()).toEqual([]);
  });

  it.each([new ResourceGone('terminated'), new OutsideRefused('no instance has that tag')])(
    'is not held up by what nobody finds: %p',
    async (error) => {
      const { deps, released } = cutOff();
      deps.inventory = { ...deps.inventory, findInstance: () => Promise.reject(error) };

      await unregister(deps, REQUEST);

      expect(released()).toEqual(['eipalloc-main']);
    },
  );

  it('calls nothing released that could not be looked for', async () => {
    const { deps } = cutOff();
    deps.inventory = { ...deps.inventory, findInstance: () => Promise.reject(new OutsideTimeout('throttled')) };

    await expect(unregister(deps, REQUEST)).rejects.toThrow(/throttled.*delete the stack again/);
  });
});
