import { ForeignOwner, NotRegistered, OutsideRefused, OutsideTimeout, ResourceGone } from '../../lib/domain/errors';
import type { DnsRecord, InstanceFacts } from '../../lib/domain/ports';
import { onDeployment } from '../../lib/operations/registrar';
import { guardReplacement, register } from '../../lib/operations/register';
import type { RegistrationRequest } from '../../lib/operations/registration-request';
import { unregister } from '../../lib/operations/unregister';
import { topologyOf } from '../support/cluster';
import { registrationStage as stage, REQUEST } from '../support/registration-stage';

describe('a first registration', () => {
  it('resolves ids and tags, claims what it found, makes the items and wakes the observers', async () => {
    const { deps, store, world, kicked } = stage();
    const topology = await register(deps, REQUEST);
    const expected = topologyOf(2).nodes.map((node) => ({ ...node, databaseRole: expect.stringMatching(/^node_fs_/) }));
    expect(topology.nodes).toEqual(expected);
    expect(store.vips.get('main')).toMatchObject({
      ...{ epoch: 0, status: 'unassigned', changedAtMs: deps.clock.wallMs() },
    });
    expect(store.control).toMatchObject({ paused: false });
    expect(world.eipOwner).toBe('pbx/test');
    expect(world.instances.get('i-b')?.owner).toBe('pbx/test');
    expect(kicked).toEqual(['observer-a']);
  });

  it('tells the control plane of the database, the logins there, and what moves together', async () => {
    const topology = await register(stage().deps, REQUEST);
    expect(topology.database).toEqual({ host: 'db.internal', port: 5432, name: 'freeswitch' });
    expect(topology.nodes.map(({ databaseRole }) => databaseRole)).toEqual(['node_fs_a', 'node_fs_b']);
    expect(topology.vips[0]).toMatchObject({ serviceAddress: '10.255.0.10', group: 'trunk' });
    expect(topology.nodeControl).toEqual({ 'us-east-1a': 'control-a', 'us-east-1b': 'control-b' });
  });

  it('leaves the callers of an adopted cluster where they are', async () => {
    const { deps, eip } = stage();
    eip.association = {
      associationId: 'x',
      networkInterfaceId: 'eni-b',
      privateAddress: '10.0.1.10',
      instanceId: 'i-b',
    };
    const topology = await register(deps, REQUEST);
    expect(topology.vips[0]?.firstHolder).toBe('fs-b');
  });

  const LEADS_TO_B = { addresses: ['10.0.1.11'], ttlS: 5, epoch: null, owner: null };
  const WITHOUT_IP = { ...REQUEST, vips: REQUEST.vips.map((vip) => ({ ...vip, elasticIp: null })) };

  it('leaves them where the name leads, where there is no Elastic IP', async () => {
    const { deps, world } = stage();
    world.record = LEADS_TO_B;
    expect((await register(deps, WITHOUT_IP)).vips[0]?.firstHolder).toBe('fs-b');
  });

  it.each<[string, RegistrationRequest, DnsRecord | null]>([
    ['an Elastic IP, which decides, and is on no node', REQUEST, LEADS_TO_B],
    ['a name that leads elsewhere', WITHOUT_IP, { ...LEADS_TO_B, addresses: ['10.9.9.9'] }],
    ['no record at its name', WITHOUT_IP, null],
  ])('knows of none with %s', async (_words, request, record) => {
    const { deps, world } = stage();
    world.record = record;
    expect((await register(deps, request)).vips[0]?.firstHolder).toBeNull();
  });

  it('gives an adopted node without secondary addresses its primary one', async () => {
    const { deps, instances } = stage();
    const node = instances['fs-b'];
    if (node !== undefined) node.secondaryAddresses = [];
    const topology = await register(deps, REQUEST);
    expect(topology.nodes[1]?.vipAddresses).toEqual({ main: '10.0.1.10' });
  });
});

describe('a registration is refused before anything changes', () => {
  it.each([
    [
      'the Elastic IP belongs to another deployment',
      (s: ReturnType<typeof stage>) => (s.eip.owner = 'other/x'),
      /other\/x/,
    ],
    [
      'a node belongs to another deployment',
      (s: ReturnType<typeof stage>) => ((s.instances['fs-b'] as InstanceFacts).owner = 'other/x'),
      /other\/x/,
    ],
    [
      'a node is in another zone',
      (s: ReturnType<typeof stage>) => ((s.instances['fs-a'] as InstanceFacts).zone = 'us-east-1c'),
      /correct its zone/,
    ],
    [
      'the DNS name is marked by another deployment',
      (s: ReturnType<typeof stage>) =>
        (s.world.record = { addresses: ['10.9.9.9'], ttlS: 5, epoch: 4, owner: 'other/x' }),
      /other\/x/,
    ],
  ])('%s', async (_name, spoil, message) => {
    const scene = stage();
    spoil(scene);
    await expect(register(scene.deps, REQUEST)).rejects.toThrow(message);
    await expect(scene.store.readTopology()).rejects.toThrow(NotRegistered);
    expect(scene.kicked).toEqual([]);
    expect(scene.world.calls.filter((call) => call.includes('tag'))).toEqual([]);
  });

  it('a node has fewer addresses than VIPs', async () => {
    const { deps } = stage();
    const two = { ...REQUEST, vips: [...REQUEST.vips, { ...REQUEST.vips[0]!, id: 'second', privateDns: null }] };
    await expect(register(deps, two)).rejects.toThrow(/assign one secondary private address per VIP/);
  });
});

describe('a table that was lost or restored', () => {
  it('starts paused, one epoch ahead of the world', async () => {
    const { deps, eip, store, world } = stage();
    eip.epoch = 7;
    world.record = { addresses: ['10.0.0.11'], ttlS: 5, epoch: 8, owner: 'pbx/test' };
    await register(deps, REQUEST);
    expect(store.control).toMatchObject({ paused: true, pausedReason: expect.stringContaining('resume') });
    expect(store.vips.get('main')?.epoch).toBe(9);
  });

  it('that is merely behind is raised and paused, its holder forgotten', async () => {
    const { deps, eip, store } = stage();
    await register(deps, REQUEST);
    const vip = store.vips.get('main');
    if (vip !== undefined) Object.assign(vip, { epoch: 3, status: 'held', holder: { nodeId: 'fs-a', coreUuid: null } });
    eip.epoch = 7;
    await register(deps, REQUEST);
    expect(store.control?.paused).toBe(true);
    expect(store.vips.get('main')).toMatchObject({ epoch: 8, status: 'unassigned', holder: null });
  });

  it('an update of a living cluster changes neither pause nor epoch', async () => {
    const { deps, eip, store } = stage();
    await register(deps, REQUEST);
    const vip = store.vips.get('main');
    if (vip !== undefined) Object.assign(vip, { epoch: 3, status: 'held', holder: { nodeId: 'fs-a', coreUuid: null } });
    eip.epoch = 3;
    await register(deps, { ...REQUEST, version: 'v2' });
    expect(store.control?.paused).toBe(false);
    expect(store.vips.get('main')).toMatchObject({ epoch: 3, status: 'held' });
    expect(store.topology?.version).toBe('v2');
  });
});

describe('an update keeps holders safe', () => {
  async function held() {
    const scene = stage();
    await register(scene.deps, REQUEST);
    const vip = scene.store.vips.get('main');
    if (vip !== undefined) Object.assign(vip, { epoch: 1, status: 'held', holder: { nodeId: 'fs-a', coreUuid: null } });
    return scene;
  }

  it('keeps each VIP on the private address it has', async () => {
    const { deps, instances } = await held();
    const node = instances['fs-a'];
    if (node !== undefined) node.secondaryAddresses = ['10.0.0.99', '10.0.0.11'];
    const topology = await register(deps, REQUEST);
    expect(topology.nodes[0]?.vipAddresses).toEqual({ main: '10.0.0.11' });
  });

  it('refuses to make its holder no candidate any more', async () => {
    const { deps } = await held();
    const without = { ...REQUEST, vips: REQUEST.vips.map((vip) => ({ ...vip, candidates: ['fs-b'] })) };
    await expect(register(deps, without)).rejects.toThrow(/fs-a holds main/);
  });

  it('refuses to leave a held VIP out', async () => {
    const { deps } = await held();
    await expect(register(deps, { ...REQUEST, vips: [] })).rejects.toThrow(/main is held by fs-a/);
  });

  it.each([
    ['replaced', { 'fs-a': 'new', 'fs-b': 'same' }],
    ['removed', { 'fs-b': 'same' }],
  ])('refuses a deployment in which the holder is %s', async (_name, nodes) => {
    const { store } = await held();
    const before = { nodes: { 'fs-a': 'old', 'fs-b': 'same' } };
    await expect(guardReplacement(store, before, { nodes })).rejects.toThrow(/fs-a \(holds main\)/);
  });

  it('admits what was registered before: CloudFormation rolls a refused update back', async () => {
    const scene = stage();
    const nodes = REQUEST.nodes.map((node) => ({ ...node, fingerprint: 'registered' }));
    await register(scene.deps, { ...REQUEST, nodes });
    const vip = scene.store.vips.get('main');
    if (vip !== undefined) Object.assign(vip, { epoch: 1, status: 'held', holder: { nodeId: 'fs-a', coreUuid: null } });
    const refused = { nodes: { 'fs-a': 'new', 'fs-b': 'registered' } };
    const rollback = { nodes: { 'fs-a': 'registered', 'fs-b': 'registered' } };
    await expect(guardReplacement(scene.store, rollback, refused)).rejects.toThrow(/fs-a/);
    await expect(guardReplacement(scene.store, refused, rollback)).resolves.toBeUndefined();
  });

  it('lets the standby be replaced', async () => {
    const { store } = await held();
    const before = { nodes: { 'fs-a': 'same', 'fs-b': 'old' } };
    await expect(
      guardReplacement(store, before, { nodes: { 'fs-a': 'same', 'fs-b': 'new' } }),
    ).resolves.toBeUndefined();
  });
});

it('a registration stands although a function could not be woken: its schedule does that', async () => {
  const { deps } = stage();
  deps.kicker = { kick: () => Promise.reject(new OutsideTimeout('Lambda said 429')) };
  await expect(register(deps, REQUEST)).resolves.toMatchObject({ version: 'v1' });
});

describe('a delete', () => {
  it('pauses, disassociates, removes the record and its own marks; twice is as good as once', async () => {
    const { deps, store, world } = stage();
    await register(deps, REQUEST);
    world.association = {
      associationId: 'eipassoc-7',
      networkInterfaceId: 'eni-a',
      privateAddress: '10.0.0.11',
      instanceId: 'i-a',
    };
    world.record = { addresses: ['10.0.0.11'], ttlS: 5, epoch: 1, owner: 'pbx/test' };
    await unregister(deps, REQUEST);
    await unregister(deps, REQUEST);
    expect(store.control).toMatchObject({ paused: true });
    expect(world.association).toBeNull();
    expect(world.record).toBeNull();
    expect(world.eipOwner).toBeNull();
    expect(world.instances.get('i-a')?.owner).toBeNull();
  });

  it.each<[string, RegistrationRequest['nodeControl'], boolean]>([
    ['is made for what was registered last', REQUEST.nodeControl, true],
    ['is made with one zone left of it', { 'us-east-1a': 'replaced', 'us-east-1b': 'control-b' }, true],
    ['takes nothing from a construct of another id that registered since', { 'us-east-1a': 'of-the-old-one' }, false],
  ])('%s', async (_words, nodeControl, released) => {
    const { deps, world } = stage();
    await register(deps, REQUEST);

    const answer = await onDeployment(deps, 'pbx', {
      RequestType: 'Delete',
      PhysicalResourceId: 'pbx/register',
      ResourceProperties: { action: 'register', request: JSON.stringify({ ...REQUEST, nodeControl }) },
    });

    expect(answer.status).toBe('SUCCESS');
    expect(answer.reason).toContain(released ? 'paused, addresses disassociated' : 'nothing is taken back');
    expect(world.eipOwner).toBe(released ? null : 'pbx/test');
    expect(deps.store).toHaveProperty('control.paused', released);
  });

  it('is not held up by an address that is gone', async () => {
    const { deps, world } = stage();
    await register(deps, REQUEST);
    deps.elasticIps = { ...world.elasticIps, read: () => Promise.reject(new ResourceGone('released by hand')) };
    await expect(unregister(deps, REQUEST)).resolves.toBeUndefined();
  });

  it('is not held up by a zone that is gone', async () => {
    const { deps, world } = stage();
    await register(deps, REQUEST);
    deps.dns = { ...world.dns, read: () => Promise.reject(new ResourceGone('NoSuchHostedZone')) };
    await expect(unregister(deps, REQUEST)).resolves.toBeUndefined();
    expect(world.eipOwner).toBeNull();
  });

  it('leaves what another deployment has claimed meanwhile', async () => {
    const { deps, world } = stage();
    await register(deps, REQUEST);
    world.eipOwner = 'other/x';
    world.association = {
      associationId: 'eipassoc-7',
      networkInterfaceId: 'eni-z',
      privateAddress: '10.9.9.9',
      instanceId: null,
    };
    // As the adapter does it: the tag is looked at before anything is told.
    deps.elasticIps = { ...world.elasticIps, read: () => Promise.reject(new ForeignOwner('claimed by other/x')) };
    await unregister(deps, REQUEST);
    expect(world.association).not.toBeNull();
  });

  it('of a cluster that was never registered has nothing to do', async () => {
    const { deps, world } = stage();
    await expect(unregister(deps, REQUEST)).resolves.toBeUndefined();
    expect(world.calls).toEqual([]);
  });

  it('of a registration that was cut off takes its marks off, and it can be made anew', async () => {
    const { deps, store, instances, eip } = stage();
    const putTopology = store.putTopology.bind(store);
    store.putTopology = () => Promise.reject(new OutsideTimeout('throttled'));
    await expect(register(deps, REQUEST)).rejects.toThrow(OutsideTimeout);
    for (const each of Object.values(instances)) each.owner = REQUEST.owner;
    eip.owner = REQUEST.owner;

    const released = jest.spyOn(deps.instances, 'releaseOwner');
    const address = jest.spyOn(deps.elasticIps, 'release');
    await unregister(deps, REQUEST);

    expect(released.mock.calls.flat().sort()).toEqual(['i-a', 'i-b']);
    expect(address).toHaveBeenCalledWith('eipalloc-main');
    store.putTopology = putTopology;
    await expect(register(deps, REQUEST)).resolves.toMatchObject({ version: 'v1' });
  });

  it('of a registration that was cut off among its items finds no topology that names what is not there', async () => {
    const { deps, store } = stage();
    store.ensureItems = () => Promise.reject(new OutsideTimeout('throttled'));

    await expect(register(deps, REQUEST)).rejects.toThrow(OutsideTimeout);

    await expect(store.readTopology()).rejects.toThrow(NotRegistered);
    await expect(unregister(deps, REQUEST)).resolves.toBeUndefined();
  });

  it('of a registration that was cut off says what it may not release: nothing is called done that is not', async () => {
    const { deps, instances } = stage();
    for (const each of Object.values(instances)) each.owner = REQUEST.owner;
    deps.instances = { ...deps.instances, releaseOwner: () => Promise.reject(new OutsideRefused('AccessDenied')) };

    await expect(unregister(deps, REQUEST)).rejects.toThrow(/AccessDenied.*delete the stack again/);
  });

  it('releases all the rest where one thing cannot be, and says what is left', async () => {
    const { deps, world } = stage();
    await register(deps, REQUEST);
    deps.dns = { ...world.dns, read: () => Promise.reject(new OutsideTimeout('Route 53 did not answer')) };

    await expect(unregister(deps, REQUEST)).rejects.toThrow('Route 53 did not answer: delete the stack again');

    expect(world.eipOwner).toBeNull();
    expect(world.instances.get('i-b')?.owner).toBeNull();
  });
});
