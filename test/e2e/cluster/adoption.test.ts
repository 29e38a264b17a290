/** `examples/adopt.yaml` on nodes and an Elastic IP that exist already: taken into care where they are. */
import { DeleteTagsCommand, DescribeAddressesCommand, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';

import { OWNER_TAG } from '../../../lib/aws/tags';
import { createAdoptedWorld } from '../../../local/demo/adoption/adopted-world';
import { tag, type ExistingSite } from '../../../local/demo/adoption/existing-site';
import { CdkFailed } from '../../../local/demo/cdk';
import { readCluster, type World } from '../../../local/demo/world';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { stopAll } from '../../../local/emulator/processes';
import { PROJECT } from '../support/project';
import { shortOf } from '../support/stage';

const NAME = 'e2e-adoption';
const DEPLOY_TIMEOUT_MS = 240_000;

const CONFIG = 'examples/adopt.yaml';

let site: ExistingSite;
let world: World;
let ec2: EC2Client;
/** Of the VIP's Elastic IP. */
let allocationId: string;

beforeAll(async () => {
  const cluster = readCluster({ projectDir: PROJECT, config: CONFIG });
  ({ world, site } = await createAdoptedWorld(
    { projectDir: PROJECT, name: NAME, config: CONFIG, log: () => undefined },
    // The address is on the second node: where callers are counts, not which candidate stands first.
    { cluster, level: 1, carrier: 'fs2' },
  ));
  allocationId = site.vips[0]?.allocationId ?? '';
  ec2 = new EC2Client(awsClientConfig({ endpoint: world.emulator.directEndpoint }));
  await world.prepare();
}, DEPLOY_TIMEOUT_MS);

afterAll(async () => {
  ec2?.destroy();
  await world?.destroy();
  await stopAll();
}, 60_000);

describe('adoption', () => {
  it(
    'refuses an address that another deployment has claimed, and names it',
    async () => {
      await tag(ec2, allocationId, { Key: OWNER_TAG, Value: 'cluster/somebody-else' });

      const refusal = await world.deploy().catch((error: unknown) => error);

      expect(refusal).toBeInstanceOf(CdkFailed);
      expect(String(refusal)).toContain('cluster/somebody-else');
      expect(String(refusal)).toMatch(/ForeignOwner: Elastic IP .* of VIP main/);
      await ec2.send(new DeleteTagsCommand({ Resources: [allocationId], Tags: [{ Key: OWNER_TAG }] }));
    },
    DEPLOY_TIMEOUT_MS,
  );

  it(
    'leaves callers where they are: the node that carries the address is the first holder',
    async () => {
      await world.deploy();
      await world.startNodes();
      await world.waitUntilHealthy();

      const state = (await world.snapshot()).vips[0];
      expect(state?.holder?.nodeId).toBe('fs2');
      expect(await world.outside.addressOn(world.vip)).toBe('fs2');
      const adopted = world.topology.nodes.map((node) => node.instanceId).sort();
      expect(adopted).toEqual(Object.values(site.instances).sort());
      expect(world.emulator.faults.callsOf('ec2', 'DisassociateAddress')).toEqual([]);
    },
    DEPLOY_TIMEOUT_MS,
  );

  it('fails over as created clusters do', async () => {
    await world.inject('kill');

    const facts = await world.waitForOutcome(60_000);
    expect(shortOf(facts)).toEqual([]);
    expect(facts.holder).toEqual({ before: 'fs2', after: 'fs1' });
    await world.reset();
  }, 120_000);

  it(
    'is undone by cdk destroy: nodes and address stay, without our marks and records',
    async () => {
      const { vip } = world;

      await world.destroyStacks();

      expect(new Set((await world.fleet.states()).values())).toEqual(new Set(['running']));
      const { Addresses: addresses = [] } = await ec2.send(
        new DescribeAddressesCommand({ AllocationIds: [allocationId] }),
      );
      const { Reservations: reservations = [] } = await ec2.send(
        new DescribeInstancesCommand({ InstanceIds: Object.values(site.instances) }),
      );
      const marked = [...addresses, ...reservations.flatMap((each) => each.Instances ?? [])];
      const tags = marked.flatMap((each) => each.Tags ?? []).map((each) => each.Key);
      expect(tags.filter((key) => key?.startsWith('understudy:'))).toEqual([]);
      expect(tags.filter((key) => key === 'Name')).toHaveLength(marked.length);
      expect(await world.outside.nameLeadsTo(vip)).toBeNull();
    },
    DEPLOY_TIMEOUT_MS,
  );
});
