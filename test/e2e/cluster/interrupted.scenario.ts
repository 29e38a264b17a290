/** The failover function is killed in the middle, or runs several times at once: everything happens, and once. */
import { AssociateAddressCommand, DescribeAddressesCommand, EC2Client } from '@aws-sdk/client-ec2';

import { awsClientConfig } from '../../../local/emulator/loopback';
import { notYet, ready, until } from '../../../local/demo/until';
import type { Call } from '../support/call-book';
import type { Moment } from '../support/moment';
import { shortOf, type Stage } from '../support/stage';

const failover = (service: string, action: string): Call => ({ actor: 'failover', service, action });

/** Where the function is held, and so killed: before each kind of effect, and before the page. */
const STEPS: readonly [step: string, call: Call][] = [
  ['detach', failover('ec2', 'DisassociateAddress')],
  ['attach', failover('ec2', 'AssociateAddress')],
  ['dns', failover('route53', 'ChangeResourceRecordSets')],
  ['promote', failover('lambda', 'Invoke')],
  ['verify', failover('ec2', 'CreateTags')],
  ['notify', failover('sns', 'Publish')],
];

export function interrupted(stage: () => Stage): void {
  describe('a convergence', () => {
    afterEach(() => stage().rest());

    it.each(STEPS)('that is killed at step %s is finished by the next one', async (_, call) => {
      const since = stage().now();
      const held = stage().disturb(call, ['time-out']);
      await stage().world.inject('kill');
      await stage().untilMet(held);

      expect(stage().killFailover()).toBeGreaterThan(0);

      const facts = await stage().untilRecovered();
      expect(shortOf(facts)).toEqual([]);
      expectOnce(since);
    });

    it('that runs three times at once does everything once', async () => {
      const since = stage().now();
      const held = stage().disturb(failover('ec2', 'DisassociateAddress'), ['time-out']);
      await stage().world.inject('kill');
      await stage().untilMet(held);

      await Promise.all([stage().wake(), stage().wake()]);

      const facts = await stage().untilRecovered();
      expect(shortOf(facts)).toEqual([]);
      expectOnce(since);
    });

    it('puts right what a stale actor does to it meanwhile', async () => {
      const { world } = stage();
      const old = await stage().holder();
      const held = stage().disturb(failover('lambda', 'Invoke'), ['time-out']);
      await world.inject('kill');
      await stage().untilMet(held);
      await until('the address has moved', { timeoutMs: 20_000, everyMs: 20 }, async () => {
        const on = await world.outside.addressOn(world.vip);
        return on !== null && on !== old.nodeId ? ready(true) : notYet(`it is on ${on ?? 'nobody'}`);
      });

      await moveAddressTo(stage(), old.nodeId);

      const facts = await stage().untilRecovered();
      expect(shortOf(facts)).toEqual([]);
      expect(facts.addressOn.after).toBe(facts.holder.after);
    });
  });
}

function expectOnce(since: Moment): void {
  expect(since.applied('ec2', 'AssociateAddress')).toHaveLength(1);
  expect(since.applied('ec2', 'DisassociateAddress')).toHaveLength(1);
  expect(since.applied('route53', 'ChangeResourceRecordSets')).toHaveLength(1);
  expect(since.pages()).toHaveLength(1);
}

/** What a converger of an older epoch would do if it came to itself now; as root, past every check of ours. */
async function moveAddressTo(stage: Stage, nodeId: string): Promise<void> {
  const { topology, vip, emulator } = stage.world;
  const node = topology.nodes.find((each) => each.id === nodeId);
  const ec2 = new EC2Client(awsClientConfig({ endpoint: emulator.directEndpoint }));
  const { Addresses: addresses } = await ec2.send(
    new DescribeAddressesCommand({ AllocationIds: [vip.elasticIp?.allocationId ?? ''] }),
  );
  await ec2.send(
    new AssociateAddressCommand({
      AllocationId: addresses?.[0]?.AllocationId,
      NetworkInterfaceId: node?.networkInterfaceId,
      PrivateIpAddress: node?.vipAddresses[vip.id],
      AllowReassociation: true,
    }),
  );
  ec2.destroy();
}
