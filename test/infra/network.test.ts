import { TAGS } from '../../lib/infra/naming';
import { exampleConfig, synthesize, type SynthesizedCluster } from './fixture';

const JSON_OF = (value: unknown): string => JSON.stringify(value);

describe('the network', () => {
  const cluster = synthesize();

  it('gives the subnets of functions no way out but the one to DynamoDB', () => {
    const network = cluster.template('Network');
    const routes = Object.entries(network.findResources('AWS::EC2::Route')).map(([id]) => id);
    expect(routes.filter((id) => id.includes('FunctionSubnet'))).toEqual([]);
    expect(routes.filter((id) => id.includes('NodeSubnet'))).toHaveLength(2);
  });

  it('needs no more than ids where the VPC exists', () => {
    const network = synthesize(exampleConfig('adopt')).template('Network');
    expect(network.findResources('AWS::EC2::VPC')).toEqual({});
    expect(network.findResources('AWS::EC2::Subnet')).toEqual({});
  });

  describe('in a VPC that exists, where the name of Secrets Manager leads everybody to our endpoint', () => {
    const config = exampleConfig('adopt');
    const adopted = synthesize(config, { dynamoDbPrefixListId: 'pl-02cd2c6b' });
    const policies = Object.values(adopted.all('AWS::EC2::VPCEndpoint')).map(
      ({ Properties }) => (Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement,
    );

    it('admits the whole VPC there: other workloads, adopted nodes, the functions of another cluster', () => {
      const { SecurityGroupIngress: inline = [] } = groupOf(adopted, 'Endpoints');
      expect(inline).toEqual([
        expect.objectContaining({ CidrIp: '10.20.0.0/16', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
      ]);
    });

    it('leaves their requests to other accounts alone, and holds our own functions back', () => {
      expect(policies).toHaveLength(2);
      for (const statements of policies) {
        expect(statements.map(({ Effect, Condition }) => [Effect, Condition])).toEqual([
          ['Allow', undefined],
          [
            'Deny',
            {
              Null: { [`aws:PrincipalTag/${TAGS.cluster}`]: 'false' },
              StringNotEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } },
            },
          ],
        ]);
      }
      const roles = Object.entries(adopted.all('AWS::IAM::Role')).filter(([id]) => /Observer|NodeControl/.test(id));
      expect(roles.filter(([, role]) => !JSON_OF(role.Properties['Tags'] ?? '').includes(TAGS.cluster))).toEqual([]);
    });

    it('lets the functions of a second cluster there out to an endpoint that exists already', () => {
      const second = exampleConfig('adopt');
      if (second.network.source === 'existing') second.network.endpointsExist = true;
      const { SecurityGroupEgress: inline = [] } = groupOf(
        synthesize(second, { dynamoDbPrefixListId: 'pl-02cd2c6b' }),
        'Functions',
      );
      expect(inline).toContainEqual(expect.objectContaining({ CidrIp: '10.20.0.0/16', FromPort: 443, ToPort: 443 }));
    });
  });

  it('admits nobody but functions and nodes to the endpoints of its own VPC', () => {
    expect(groupOf(cluster, 'Endpoints').SecurityGroupIngress).toBeUndefined();
  });

  it('lets the functions reach adopted nodes, which are in no group of ours, by the network alone', () => {
    const { SecurityGroupEgress: inline = [] } = groupOf(synthesize(exampleConfig('adopt')), 'Functions');
    expect(inline).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ CidrIp: '10.20.0.0/16', IpProtocol: 'tcp', FromPort: 8021, ToPort: 8021 }),
        expect.objectContaining({ CidrIp: '10.20.0.0/16', IpProtocol: 'udp', FromPort: 5060, ToPort: 5060 }),
      ]),
    );
  });

  it('lets the functions ask every profile of a VIP on nodes of ours: one that they cannot reach would look stuck', () => {
    const config = exampleConfig();
    for (const vip of config.vips) vip.profiles = ['external', 'internal'];
    const resources = synthesize(config);
    for (const type of ['AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress']) {
      const rules = Object.values(resources.all(type)).map(({ Properties }) => Properties);
      const options = rules.filter(({ Description }) => JSON_OF(Description).includes('SIP OPTIONS'));
      expect(options.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([
        [5060, 5060],
        [5061, 5061],
      ]);
    }
  });

  it('opens no range where every node is in our group', () => {
    const { SecurityGroupEgress: inline = [] } = groupOf(cluster, 'Functions');
    expect(inline.filter(({ CidrIp, FromPort }) => CidrIp !== undefined && FromPort !== 443)).toEqual([]);
  });

  it('routes callers past the NAT gateway, and refuses when they are not named', () => {
    const config = exampleConfig();
    config.network = { source: 'create', cidr: '10.9.0.0/16', nodeEgress: 'nat' };
    const routes = Object.entries(synthesize(config).template('Network').findResources('AWS::EC2::Route'));
    const callers = routes.filter(([id]) => id.includes('CallerRoute'));
    expect(
      callers.map(([, { Properties }]) => (Properties as Record<string, unknown>)['DestinationCidrBlock']),
    ).toEqual(expect.arrayContaining(['203.0.113.0/24', '198.51.100.0/24']));
    for (const rule of config.ingress) rule.sources = ['0.0.0.0/0'];
    expect(() => synthesize(config)).toThrow(/callers' networks must be named/);
  });

  it('routes calls to a VIP’s Elastic IP past the NAT gateway of each zone: from behind it no rule would admit them', () => {
    const resources = synthesize(exampleConfig('active-cluster'));
    const routes = Object.values(resources.all('AWS::EC2::Route')).map(({ Properties }) => Properties);
    for (const vip of Object.keys(resources.template('Nodes').findResources('AWS::EC2::EIP'))) {
      const toVip = routes.filter(({ DestinationCidrBlock }) => JSON_OF(DestinationCidrBlock ?? '').includes(vip));
      expect(toVip.map(({ GatewayId }) => JSON_OF(GatewayId).includes('InternetGateway'))).toEqual([true, true, true]);
      expect(new Set(toVip.map(({ RouteTableId }) => JSON_OF(RouteTableId))).size).toBe(3);
      expect(toVip.every(({ DestinationCidrBlock }) => JSON_OF(DestinationCidrBlock).includes('/32'))).toBe(true);
    }
  });

  it('counts these addresses among the routes that a table has room for', () => {
    const config = exampleConfig('active-cluster');
    const networks = (count: number) => Array.from({ length: count }, (_, index) => `203.0.${index}.0/24`);
    for (const rule of config.ingress) rule.sources = networks(43);
    expect(() => synthesize(config)).not.toThrow();
    for (const rule of config.ingress) rule.sources = networks(44);
    expect(() => synthesize(config)).toThrow(/44 caller networks and 2 Elastic IPs do not fit/);
  });
});

interface Rule {
  CidrIp?: string;
  IpProtocol: string;
  FromPort: number;
  ToPort: number;
}

/** A security group's rules that name no other group of ours. */
interface GroupProperties {
  SecurityGroupEgress?: Rule[];
  SecurityGroupIngress?: Rule[];
}

function groupOf(cluster: SynthesizedCluster, name: string): GroupProperties {
  const groups = Object.entries(cluster.all('AWS::EC2::SecurityGroup'));
  const [, group] = groups.find(([id]) => id.includes(`SecurityGroups${name}`)) ?? [];
  if (group === undefined) throw new Error(`there is no security group ${name}`);
  return group.Properties;
}
