/** `cdk destroy` while the cluster is watched and serves: in order, and nothing of it stays but the state. */
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeAddressesCommand, DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';

import { OWNER_TAG } from '../../../lib/aws/tags';
import { notYet, ready, until } from '../../../local/demo/until';
import { awsClientConfig } from '../../../local/emulator/loopback';
import type { Stage } from '../support/stage';

const DESTROY_TIMEOUT_MS = 240_000;

export function destroy(stage: () => Stage): void {
  describe('cdk destroy', () => {
    it(
      'takes the addresses off and the names away before a node goes, and keeps the table',
      async () => {
        const { world, book } = stage();
        const { deployment, topology } = world;
        // What runs when its role is deleted is refused, and has nothing to say any more.
        book.keep();
        book.close();
        const config = awsClientConfig({ endpoint: world.emulator.directEndpoint });
        const ec2 = new EC2Client(config);
        const since = stage().now();
        const firstNodeGoneMs = whenFirstNodeGoes(stage());

        await world.destroyStacks();

        const goneMs = await firstNodeGoneMs;
        const [detached] = since.applied('ec2', 'DisassociateAddress');
        const [nameRemoved] = since.applied('route53', 'ChangeResourceRecordSets');
        expect(detached).toBeDefined();
        expect(nameRemoved).toBeDefined();
        expect(detached?.atMs).toBeLessThan(goneMs);
        expect(nameRemoved?.atMs).toBeLessThan(goneMs);

        const { Reservations: reservations = [] } = await ec2.send(
          new DescribeInstancesCommand({
            Filters: [{ Name: 'instance-id', Values: topology.nodes.map((node) => node.instanceId) }],
          }),
        );
        const states = reservations.flatMap((each) => each.Instances ?? []).map((each) => each.State?.Name);
        expect(states.filter((state) => state !== 'terminated')).toEqual([]);
        // The address is known to carriers and firewalls: it stays, on nothing and nobody's.
        const { Addresses: addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
        expect(addresses).toEqual([expect.objectContaining({ PublicIp: world.vip.elasticIp?.publicIp })]);
        expect(addresses[0]?.AssociationId).toBeUndefined();
        expect(addresses[0]?.Tags?.map((tag) => tag.Key)).not.toContain(OWNER_TAG);
        ec2.destroy();
        expect(await stacksLeft(config)).toEqual([]);
        expect(await functionsLeft(config)).toEqual([]);

        const dynamoDb = new DynamoDBClient(config);
        const { Table: table } = await dynamoDb.send(new DescribeTableCommand({ TableName: deployment.tableName }));
        dynamoDb.destroy();
        expect(table).toMatchObject({ TableStatus: 'ACTIVE', DeletionProtectionEnabled: true });
        const { control } = await world.snapshot();
        expect(control).toMatchObject({ paused: true, pausedReason: 'the deployment was deleted' });
      },
      DESTROY_TIMEOUT_MS,
    );
  });
}

/** Epoch milliseconds at which the first of the nodes was seen not running any more. */
function whenFirstNodeGoes(stage: Stage): Promise<number> {
  const patience = { timeoutMs: DESTROY_TIMEOUT_MS, everyMs: 50 };
  return until('a node goes', patience, async () => {
    const states = [...(await stage.world.fleet.states()).values()];
    return states.every((state) => state === 'running') ? notYet('all run') : ready(Date.now());
  });
}

/** The CDK's own stack stays: it belongs to the account. */
async function stacksLeft(config: ReturnType<typeof awsClientConfig>): Promise<string[]> {
  const client = new CloudFormationClient(config);
  const { StackSummaries: stacks = [] } = await client.send(new ListStacksCommand({}));
  client.destroy();
  return stacks
    .filter((stack) => stack.StackStatus !== 'DELETE_COMPLETE')
    .map((stack) => stack.StackName ?? '')
    .filter((name) => name !== 'CDKToolkit');
}

async function functionsLeft(config: ReturnType<typeof awsClientConfig>): Promise<string[]> {
  const client = new LambdaClient(config);
  const { Functions: functions = [] } = await client.send(new ListFunctionsCommand({}));
  client.destroy();
  return functions.map((each) => each.FunctionName ?? '');
}
