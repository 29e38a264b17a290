import type { App } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import { MAX_USER_DATA_BYTES } from '../../../lib/freeswitch/host/user-data';
import type { ClusterConfig } from '../../../lib/config/model';
import type { NodeDatabase } from '../../../lib/infra/nodes/node-database';
import { ClusterNodes } from '../../../lib/infra/nodes/cluster-nodes';
import { ClusterNetwork } from '../../../lib/infra/network/cluster-network';
import { ClusterState } from '../../../lib/infra/state/cluster-state';
import { exampleConfig, testApp } from '../fixture';

interface Statement {
  Sid: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: object;
}
interface TemplateJson {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

const DATABASE: NodeDatabase = {
  host: 'db.example',
  port: '5432',
  name: 'freeswitch',
  tls: true,
  nodeSecretArn: (nodeId) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:database-${nodeId}`,
};

/** The nodes' stack of a cluster, with references that a reader can follow. */
class NodesStack {
  readonly nodes: ClusterNodes;
  private readonly template: TemplateJson;

  constructor(config: ClusterConfig = exampleConfig(), database: NodeDatabase | null = DATABASE) {
    const app: App = testApp();
    const stack = new Stack(app, 'Pbx', { env: { region: config.region } });
    const network = new ClusterNetwork(stack, 'Network', { config });
    const state = new ClusterState(stack, 'State', { config, runbookUrl: 'docs/runbook.md' });
    this.nodes = new ClusterNodes(stack, 'Nodes', { config, network, state, database });
    this.template = app.synth().getStackByName('Pbx').template as TemplateJson;
  }

  of(type: string): [string, Record<string, unknown>][] {
    return Object.entries(this.template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => [id, resource.Properties]);
  }

  /** User data of each node; a reference stands as `<Its.Name>`. */
  userData(): string[] {
    return this.of('AWS::EC2::Instance').map(([, { UserData }]) =>
      readable((UserData as Record<string, unknown>)['Fn::Base64']),
    );
  }

  statements(nodeId: string): Statement[] {
    const name = nodeId[0]?.toUpperCase() + nodeId.slice(1);
    return this.of('AWS::IAM::Policy')
      .filter(([id]) => id.includes(`Role${name}`))
      .flatMap(([, { PolicyDocument }]) => (PolicyDocument as { Statement: Statement[] }).Statement);
  }
}

function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [name, of] = Object.entries(value as Record<string, unknown>)[0] ?? ['', ''];
  if (name === 'Fn::Join') return (of as [string, unknown[]])[1].map(readable).join((of as [string])[0]);
  if (name === 'Fn::Select') return `<${String((of as unknown[])[0])} of ${readable((of as unknown[])[1])}>`;
  return `<${Array.isArray(of) ? of.join('.') : String(of)}>`;
}

describe('the nodes', () => {
  const stack = new NodesStack();
  const [alice = '', bob = ''] = stack.userData();

  it('are told who they are, in less than EC2 takes', () => {
    expect(alice).toContain('"node":"alice"');
    expect(bob).toContain('"node":"bob"');
    for (const text of [alice, bob]) expect(Buffer.byteLength(text)).toBeLessThan(MAX_USER_DATA_BYTES);
  });

  it('are told nothing secret', () => {
    expect(alice).not.toMatch(/resolve:secretsmanager|password|BEGIN [A-Z ]*KEY/i);
  });

  it('map the first VIP to the first secondary address of their own interface', () => {
    expect(alice).toMatch(/\nmain \S+ <0 of <\S*NodeAlice\S*\.SecondaryPrivateIpAddresses>> <\S*PublicIp> -\n/);
  });

  it('may read their own secrets and their own archive, and nothing of each other', () => {
    const secrets = JSON.stringify(stack.statements('alice').find(({ Sid }) => Sid === 'OwnSecrets')?.Resource);
    expect(secrets).toContain('database-alice');
    expect(secrets).not.toContain('database-bob');
    const [a, b] = ['alice', 'bob'].map((id) => stack.statements(id).find(({ Sid }) => Sid === 'OwnArchive'));
    expect(a?.Action).toBe('s3:GetObject');
    expect(readable(a?.Resource)).toMatch(/\/[0-9a-f]{64}\.zip$/);
    expect(readable(a?.Resource)).not.toBe(readable(b?.Resource));
    const content = stack.statements('alice').find(({ Sid }) => Sid === 'OwnContent');
    expect([content?.Action, readable(content?.Resource)]).toEqual([
      'ssm:GetParameter',
      expect.stringContaining('NodesContentAlice'),
    ]);
  });

  it('may move no address, write no state, and write metrics of one namespace', () => {
    const statements = stack.statements('alice');
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /^(ec2|dynamodb|lambda|route53|iam):/.test(action))).toEqual([]);
    expect(statements.find(({ Sid }) => Sid === 'OwnMetrics')?.Condition).toEqual({
      StringEquals: { 'cloudwatch:namespace': 'Understudy/Nodes' },
    });
  });

  it('write to a log group that is kept for three months', () => {
    const groups = stack.of('AWS::Logs::LogGroup').filter(([id]) => id.includes('NodeLog'));
    expect(groups.map(([, { RetentionInDays }]) => RetentionInDays)).toEqual([90]);
  });

  it('live without a database too', () => {
    const [text = ''] = new NodesStack(exampleConfig(), null).userData();
    expect(text).toContain("DB_HOST='-'");
  });

  it('fetch the packages with a token that their own role reads', () => {
    const config = exampleConfig();
    const tokenSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:packages';
    config.freeswitch.install = { source: 'packages', tokenSecretArn };
    const other = new NodesStack(config);
    expect(other.userData()[0]).toContain(`PACKAGES_TOKEN_SECRET='${tokenSecretArn}'`);
    expect(JSON.stringify(other.statements('alice'))).toContain(tokenSecretArn);
  });

  it("read the users' prefix and never write there", () => {
    const config = exampleConfig();
    config.freeswitch.userFiles = { source: 's3', bucket: 'mine', prefix: 'pbx' };
    const other = new NodesStack(config);
    const [[, parameter] = ['', {}]] = other.of('AWS::SSM::Parameter');
    expect(readable(parameter['Value'])).toContain("USER_FILES='s3://mine/pbx/'");
    const statements = other.statements('bob').filter(({ Sid }) => Sid.includes('UserFiles'));
    expect(statements.map(({ Action }) => Action)).toEqual(['s3:GetObject', 's3:ListBucket']);
    expect(JSON.stringify(statements[0]?.Resource)).toContain('mine/pbx/*');
  });

  it('look for an adopted Elastic IP by its tag', () => {
    const config = exampleConfig();
    for (const vip of config.vips) {
      vip.elasticIp = { source: 'adopt', tag: { key: 'Name', value: 'carrier' } };
      vip.publicDns = null;
    }
    const other = new NodesStack(config);
    expect(other.userData()[0]).toContain(' tag:Name=carrier ');
    expect(other.statements('alice').map(({ Sid }) => Sid)).toContain('FindAdoptedAddresses');
  });
});

describe('the fingerprint of a node', () => {
  const before = new NodesStack().nodes.fingerprints;
  const after = (change: (config: ClusterConfig) => void): Record<string, string> => {
    const config = exampleConfig();
    change(config);
    return new NodesStack(config).nodes.fingerprints;
  };

  it('is the same for the same configuration', () => {
    expect(after(() => undefined)).toEqual(before);
  });

  it.each([
    ['the ESL port', (config: ClusterConfig) => (config.nodes[0]!.eslPort = 8022)],
    ['a service address', (config: ClusterConfig) => (config.vips[0]!.serviceAddress = '10.254.0.77')],
  ])('is another one with another user data: %s', (_what, change) => {
    expect(after(change)['alice']).not.toBe(before['alice']);
  });

  it('is the same with another content of what the node fetches, so that a new version stops nobody', () => {
    expect(after((config) => config.freeswitch.modules.push('mod_conference'))).toEqual(before);
  });
});
