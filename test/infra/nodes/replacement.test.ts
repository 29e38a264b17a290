import { Stack } from 'aws-cdk-lib';
import type { NodeConfig } from '../../../lib/config/model';
import { exampleConfig, STACK_PARTS, synthesize, type StackPart, type SynthesizedCluster } from '../fixture';

const JSON_OF = (value: unknown): string => JSON.stringify(value);

describe('a node that is replaced, or left out', () => {
  const cluster = synthesize();
  const withAlice = (change: (alice: Extract<NodeConfig, { source: 'create' }>) => void): SynthesizedCluster => {
    const config = exampleConfig();
    const [alice] = config.nodes;
    if (alice?.source !== 'create') throw new Error('the example makes its nodes');
    change(alice);
    return synthesize(config);
  };
  const interfaces = (of: SynthesizedCluster): string[] => Object.keys(of.all('AWS::EC2::NetworkInterface'));

  it.each<[string, Parameters<typeof withAlice>[0]]>([
    ['image', (alice) => (alice.imageId = 'ami-0fedcba9876543210')],
    ['volume', (alice) => (alice.volumeGiB = 99)],
  ])('has an interface of its own when another %s replaces the instance: the old one is in use', (_what, change) => {
    const after = withAlice(change);
    expect(Object.keys(after.all('AWS::EC2::Instance'))).toEqual(Object.keys(cluster.all('AWS::EC2::Instance')));
    const [alice, bob] = interfaces(cluster);
    expect(interfaces(after)).toEqual([expect.not.stringMatching(`^${alice}$`), bob]);
  });

  it('keeps its interface, and its addresses, when the instance is only stopped for another type', () => {
    expect(interfaces(withAlice((alice) => (alice.instanceType = 'c7g.xlarge')))).toEqual(interfaces(cluster));
  });

  it('can be ended by CloudFormation: an instance that was replaced must not go on under the same id', () => {
    for (const { Properties } of Object.values(cluster.all('AWS::EC2::Instance'))) {
      expect(Properties['DisableApiTermination']).toBe(false);
    }
  });

  it('is imported by no stack: CloudFormation would let an export in use neither change nor go', () => {
    const exported = STACK_PARTS.flatMap((part) =>
      Object.values(cluster.template(part).findOutputs('*'))
        .filter((output) => output['Export'] !== undefined)
        .map((output) => JSON_OF(output['Value'])),
    );
    expect(exported.length).toBeGreaterThan(0);
    expect(exported.filter((value) => /Alice|Bob|Main/.test(value))).toEqual([]);
    const imports = (part: StackPart) => JSON_OF(cluster.template(part).toJSON()).match(/"Fn::ImportValue":"[^"]*"/g);
    expect((imports('ControlPlane') ?? []).filter((name) => name.includes('-Nodes:'))).toEqual([]);
    expect(imports('Observability')).toBeNull();
  });

  it('is told to those who refer to it: the CDK deploys no stack whose template has not changed', () => {
    const after = withAlice((alice) => (alice.volumeGiB = 99));
    for (const part of ['ControlPlane', 'Observability'] as const) {
      expect(after.template(part).toJSON()).not.toEqual(cluster.template(part).toJSON());
    }
  });

  it('is deployed before the control plane all the same, and so is what it stands on', () => {
    const stacks = cluster.app.node.children.filter((child) => child instanceof Stack);
    const before = (part: StackPart) =>
      stacks.find(({ stackName }) => stackName.endsWith(part))?.dependencies.map(({ stackName }) => stackName);
    expect(before('ControlPlane')).toContain('Understudy-pbx-Nodes');
    expect(before('Nodes')).toEqual(expect.arrayContaining(['Understudy-pbx-Network', 'Understudy-pbx-Data']));
  });
});
