import { Match } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib';
import { EPOCH_TAG, OWNER_TAG } from '../../lib/aws/tags';
import { UnderstudyCluster } from '../../lib';
import { TAGS } from '../../lib/infra/naming';
import { exampleConfig, only, synthesize, testApp, type Resource } from './fixture';

const JSON_OF = (resource: unknown): string => JSON.stringify(resource);

describe('the stacks', () => {
  const cluster = synthesize();

  it('share their tag keys with the functions', () => {
    expect([TAGS.owner, TAGS.epoch]).toEqual([OWNER_TAG, EPOCH_TAG]);
  });

  it('have EC2’s word noted: changes of state, and status checks that fail', () => {
    const rules = Object.values(cluster.all('AWS::Events::Rule')).map(({ Properties }) => Properties);
    const patternOf = (source: string) =>
      rules.map((rule) => rule['EventPattern']).find((each) => JSON_OF(each ?? '').includes(source));
    expect(patternOf('aws.ec2')).toMatchObject({ 'detail-type': ['EC2 Instance State-change Notification'] });
    expect(patternOf('aws.cloudwatch')).toMatchObject({ 'detail-type': ['CloudWatch Alarm State Change'] });
    const watched = (patternOf('aws.cloudwatch') as { resources: unknown[] }).resources;
    expect(watched).toHaveLength(2);
    for (const arn of watched) expect(JSON_OF(arn)).toContain('StatusCheckFailed');
  });

  it('have status checks noted of as many nodes as there may be, by patterns that EventBridge takes', () => {
    const config = exampleConfig();
    const [first] = config.nodes;
    if (first?.source !== 'create') throw new Error('the example makes its nodes');
    const nodes = Array.from({ length: 20 }, (_, index) => ({ ...first, id: `fs-${index}` }));
    const vips = config.vips.map((vip) => ({ ...vip, candidates: ['fs-0', 'fs-1'] }));

    const many = synthesize({ ...config, nodes, vips });

    const patterns = Object.values(many.all('AWS::Events::Rule'))
      .map(({ Properties }) => Properties['EventPattern'] as { resources?: unknown[] } | undefined)
      .filter((pattern) => pattern?.resources !== undefined);
    expect(new Set(patterns.flatMap((pattern) => pattern?.resources?.map(JSON_OF) ?? [])).size).toBe(20);
    // The longest that CloudFormation may make of an alarm without a name, and what EventBridge takes.
    const longest = `arn:aws-us-gov:cloudwatch:us-gov-west-1:123456789012:alarm:${'a'.repeat(255)}`;
    const lengths = patterns.map((each) => JSON_OF({ ...each, resources: each?.resources?.map(() => longest) }).length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2_048);
  });

  it('can also stand inside a stack of somebody else', () => {
    const stack = new Stack(testApp(), 'Mine', { env: { region: 'us-east-1' } });
    const { controlPlane } = new UnderstudyCluster(stack, 'Pbx', { config: exampleConfig() });
    expect(controlPlane.observers.map(({ zone }) => zone)).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1c']);
  });

  describe('own no association of a VIP', () => {
    it('nor its private record', () => {
      const associations = Object.values(cluster.all('AWS::EC2::EIPAssociation'));
      // One per node, on its primary address: the node's own way out.
      expect(associations).toHaveLength(2);
      for (const { Properties } of associations) {
        expect(JSON_OF(Properties['PrivateIpAddress'])).toContain('PrimaryPrivateIpAddress');
      }
      expect(cluster.all('AWS::Route53::RecordSet')).toEqual({});
    });

    it('and put the ownership tag on the VIP address, not on the management addresses', () => {
      const addresses = Object.values(cluster.all('AWS::EC2::EIP'));
      const owned = addresses.filter(({ Properties }) => JSON_OF(Properties['Tags']).includes(OWNER_TAG));
      expect(addresses).toHaveLength(3);
      expect(owned).toHaveLength(1);
      expect(owned[0]?.DeletionPolicy).toBe('RetainExceptOnCreate');
    });
  });

  it('keep what holds state when they are changed or deleted by mistake', () => {
    const policies = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret'].map((type) => {
      const { DeletionPolicy, UpdateReplacePolicy } = only(cluster.template('State').findResources(type)) as Resource;
      return [DeletionPolicy, UpdateReplacePolicy];
    });
    expect(policies).toEqual([
      ['Retain', 'Retain'],
      ['RetainExceptOnCreate', 'Retain'],
      ['RetainExceptOnCreate', 'Retain'],
    ]);
    expect(only(cluster.all('AWS::DynamoDB::Table')).Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  describe('the nodes', () => {
    const instances = Object.values(cluster.all('AWS::EC2::Instance'));

    it('have version 2 of the metadata service, an encrypted volume, and a guard in front of them', () => {
      expect(instances).toHaveLength(2);
      const [guard] = Object.keys(cluster.all('Custom::UnderstudyReplacementGuard'));
      for (const { Properties, DependsOn } of instances) {
        expect(Properties['MetadataOptions']).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
        expect(Properties['BlockDeviceMappings']).toMatchObject([{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }]);
        expect(Properties['Monitoring']).toBe(true);
        expect(DependsOn).toContain(guard);
      }
    });

    it('have one secondary address for each VIP that may come to them', () => {
      const counts = Object.values(synthesize(exampleConfig('active-cluster')).all('AWS::EC2::NetworkInterface')).map(
        ({ Properties }) => Properties['SecondaryPrivateIpAddressCount'],
      );
      const vips = exampleConfig('active-cluster').vips;
      const expected = exampleConfig('active-cluster').nodes.map(
        ({ id }) => vips.filter(({ candidates }) => candidates.includes(id)).length,
      );
      expect(counts).toEqual(expected);
    });

    it('open ESL to the functions alone', () => {
      const groups = cluster.all('AWS::EC2::SecurityGroup');
      const functionsId = Object.keys(groups).find((id) => id.includes('Functions')) ?? 'none';
      const inline = Object.values(groups).flatMap(({ Properties }) => Properties['SecurityGroupIngress'] ?? []);
      const separate = Object.values(cluster.all('AWS::EC2::SecurityGroupIngress')).map((each) => each.Properties);
      const esl = [...inline, ...separate].filter((rule) => {
        const { FromPort, ToPort } = rule as { FromPort: number; ToPort: number };
        return FromPort <= 8021 && ToPort >= 8021;
      });
      expect(esl).toHaveLength(1);
      expect(JSON_OF(esl)).toContain(functionsId);
    });

    it.each([
      ['image', (node: { imageId: string }) => (node.imageId = 'ami-0fedcba9876543210')],
      ['instance type', (node: { instanceType: string }) => (node.instanceType = 'c7g.xlarge')],
      ['volume', (node: { volumeGiB: number }) => (node.volumeGiB = 99)],
    ] as const)('have another fingerprint when the %s of one of them changes, and only that one', (_what, change) => {
      const config = exampleConfig();
      const [first] = config.nodes;
      if (first?.source !== 'create') throw new Error('the example makes its nodes');
      change(first);
      const before = fingerprints(cluster);
      const after = fingerprints(synthesize(config));
      expect(after['alice']).not.toBe(before['alice']);
      expect(after['bob']).toBe(before['bob']);
    });
  });

  it('can be created again where their creation failed: the CDK deletes such a stack, and may', () => {
    const stacks = cluster.app.node.children.filter((child) => child instanceof Stack);
    expect(stacks.filter(({ terminationProtection }) => terminationProtection)).toEqual([]);
  });

  describe('the control plane', () => {
    const template = cluster.template('ControlPlane');

    it('watches from every zone, inside the subnet of that zone, and tells its functions nothing secret', () => {
      const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
      const observers = functions.filter(([id]) => id.includes('Observer'));
      expect(observers).toHaveLength(3);
      for (const [, { Properties }] of observers as [string, Resource][]) {
        const environment = (Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
        expect(Object.keys(environment).sort()).toEqual([
          'NODE_EXTRA_CA_CERTS',
          'UNDERSTUDY_CLUSTER',
          'UNDERSTUDY_CONTROL_TARGETS',
          'UNDERSTUDY_DATABASE',
          'UNDERSTUDY_ESL_SECRET_ARN',
          'UNDERSTUDY_TABLE',
          'UNDERSTUDY_VERSION',
          'UNDERSTUDY_ZONE',
        ]);
        expect(Properties['VpcConfig']).toBeDefined();
        expect(Properties['Timeout']).toBe(900);
        const targets = JSON_OF(environment['UNDERSTUDY_CONTROL_TARGETS']);
        expect(targets).not.toContain(`-${String(environment['UNDERSTUDY_ZONE'])}.`);
      }
    });

    it('keeps the failover function outside the VPC', () => {
      const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
      const [, failover] = functions.find(([id]) => id.includes('Converger')) ?? [];
      expect((failover as Resource).Properties['VpcConfig']).toBeUndefined();
    });

    it('is woken by new journals and new incidents, and keeps what it could not work off', () => {
      template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        BatchSize: 1,
        ParallelizationFactor: 10,
        MaximumRetryAttempts: 3,
        BisectBatchOnFunctionError: true,
        MaximumRecordAgeInSeconds: 300,
        DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
        FilterCriteria: {
          Filters: [
            { prefix: 'vip#', eventName: ['INSERT'] },
            { prefix: 'incident#', eventName: ['INSERT', 'MODIFY'] },
          ].map(({ prefix, eventName }) => ({
            Pattern: JSON.stringify({ eventName, dynamodb: { Keys: { pk: { S: [{ prefix }] } } } }),
          })),
        },
      });
    });

    it('staggers the challengers, and retries none of them', () => {
      const inputs = Object.entries(template.findResources('AWS::Events::Rule'))
        .filter(([id]) => id.includes('Observer'))
        .map(([, rule]) => (rule as Resource).Properties['Targets'] as { Input: string; RetryPolicy: object }[]);
      expect(
        inputs.map(([target]) => (JSON.parse(target?.Input ?? '{}') as { startDelayMs: number }).startDelayMs),
      ).toEqual([0, 3000, 6000]);
      for (const [target] of inputs) {
        expect(target?.RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
      }
    });

    it('registers last, when functions, schedules and trigger are there: a deletion undoes it first', () => {
      const registration = only(template.findResources('Custom::UnderstudyRegistration')) as Resource;
      const waitsFor = registration.DependsOn ?? [];
      const needed = ['AWS::Lambda::EventSourceMapping', 'AWS::Events::Rule', 'AWS::Lambda::Function']
        .flatMap((type) => Object.keys(template.findResources(type)))
        .filter((id) => /Observer|Failover/.test(id));
      expect(waitsFor).toEqual(expect.arrayContaining(needed));
    });

    it('lets the observers of a version give way exactly when configuration or code changed', () => {
      const versionOf = (config = exampleConfig()): unknown =>
        synthesize(config).template('ControlPlane').toJSON()['Outputs'].Version.Value;
      const changed = exampleConfig();
      changed.policy.probeIntervalMs = 999;
      expect(versionOf()).toEqual(versionOf());
      expect(versionOf(changed)).not.toEqual(versionOf());
    });
  });
});

function fingerprints(cluster: ReturnType<typeof synthesize>): Record<string, string> {
  const guard = only(cluster.all('Custom::UnderstudyReplacementGuard'));
  return (JSON.parse(String(guard.Properties['request'])) as { nodes: Record<string, string> }).nodes;
}
