import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { ClusterConfig, DatabaseConfig } from '../../lib/config/model';
import { UnderstudyCluster } from '../../lib/infra/understudy-cluster';
import { exampleConfig, only, synthesize, testApp, type Resource, type SynthesizedCluster } from './fixture';

const TEXT = (value: unknown): string => JSON.stringify(value);

function withDatabase(database: Partial<DatabaseConfig> | DatabaseConfig): ClusterConfig {
  const config = exampleConfig();
  config.database = { ...config.database, ...database } as DatabaseConfig;
  return config;
}

const EXISTING: DatabaseConfig = {
  source: 'existing',
  host: 'calls.abc.us-east-1.rds.amazonaws.com',
  port: 6432,
  name: 'calls',
  adminSecretArn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:calls-admin-AbCdEf',
  securityGroupId: 'sg-0123456789abcdef0',
  tls: true,
};

interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
}

const statementsOf = (cluster: SynthesizedCluster, part: string): Statement[] =>
  Object.entries(cluster.all('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(part))
    .flatMap(([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement);

/** Environment of the functions whose logical id contains `part`. */
function environmentOf(cluster: SynthesizedCluster, part: string): Record<string, unknown> {
  const functions = Object.entries(cluster.all('AWS::Lambda::Function'));
  const [, found] = functions.find(([id]) => id.includes(part)) ?? [];
  if (found === undefined) throw new Error(`there is no function ${part}`);
  return (found.Properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
}

/** The JSON that CloudFormation will make, with each reference in it as the text `?`. */
function joined(value: unknown): Record<string, unknown> {
  const parts = typeof value === 'string' ? [value] : (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  // A reference stands in quotes where it is text and bare where it is a number.
  const text = parts.map((part) => (typeof part === 'string' ? part : '0')).join('');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('a database of our own', () => {
  const config = withDatabase({});
  const cluster = synthesize(config);
  const instance = only(cluster.all('AWS::RDS::DBInstance'));

  it('is encrypted, closed to the world, in two zones, backed up, and protected as the table is', () => {
    expect(instance.Properties).toMatchObject({
      Engine: 'postgres',
      StorageEncrypted: true,
      PubliclyAccessible: false,
      MultiAZ: true,
      DeletionProtection: true,
      AutoMinorVersionUpgrade: true,
      CopyTagsToSnapshot: true,
    });
    expect(instance.Properties['BackupRetentionPeriod']).toBeGreaterThan(0);
    expect([instance.DeletionPolicy, instance.UpdateReplacePolicy]).toEqual(['Snapshot', 'Snapshot']);
  });

  it('takes functions by IAM, everybody by TLS only, and its password from nobody', () => {
    expect(instance.Properties).toMatchObject({
      EnableIAMDatabaseAuthentication: true,
      ManageMasterUserPassword: true,
    });
    expect(instance.Properties).not.toHaveProperty('MasterUserPassword');
    const { Properties } = only(cluster.all('AWS::RDS::DBParameterGroup'));
    expect(Properties['Parameters']).toMatchObject({ 'rds.force_ssl': '1', log_statement: 'none' });
    const major = String(instance.Properties['EngineVersion']).split('.')[0];
    expect(Properties['Family']).toBe(`postgres${major}`);
  });

  it('lives in subnets of its own without a way out, in each zone', () => {
    const subnets = Object.entries(cluster.all('AWS::EC2::Subnet')).filter(([id]) => id.includes('DatabaseSubnet'));
    expect(subnets).toHaveLength(3);
    const routes = Object.entries(cluster.all('AWS::EC2::Route')).filter(([id]) => id.includes('DatabaseSubnet'));
    expect(routes).toEqual([]);
    const { Properties } = only(cluster.all('AWS::RDS::DBSubnetGroup'));
    expect(Properties['SubnetIds']).toHaveLength(3);
  });

  it('is open to nodes and functions on its one port, and lets nobody out', () => {
    const groups = cluster.all('AWS::EC2::SecurityGroup');
    const [id, group] = Object.entries(groups).find(([key]) => key.includes('Database')) ?? [];
    expect(group?.Properties['SecurityGroupIngress']).toBeUndefined();
    const ingress = Object.values(cluster.all('AWS::EC2::SecurityGroupIngress'))
      .map(({ Properties }) => Properties)
      .filter(({ GroupId }) => TEXT(GroupId).includes(String(id)));
    expect(ingress.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([
      [5432, 5432],
      [5432, 5432],
    ]);
    expect(TEXT(ingress.map(({ SourceSecurityGroupId }) => SourceSecurityGroupId))).toMatch(/Functions.*Nodes/);
    const egress = Object.values(cluster.all('AWS::EC2::SecurityGroupEgress')).map(({ Properties }) => Properties);
    expect(egress.filter(({ GroupId }) => TEXT(GroupId).includes(String(id)))).toEqual([]);
  });

  it('refuses to be in one zone alone', () => {
    const small = withDatabase({});
    small.observerZones = ['us-east-1a'];
    small.nodes = small.nodes.filter((node) => node.zone === 'us-east-1a');
    small.vips = small.vips.map((vip) => ({ ...vip, candidates: small.nodes.map((node) => node.id) }));
    expect(() => synthesize(small)).toThrow(/subnets in two zones/);
  });

  it('pages when RDS moves or breaks, under a role that may do nothing else', () => {
    const rules = Object.values(cluster.template('Data').findResources('AWS::Events::Rule')) as Resource[];
    expect(rules).toHaveLength(1);
    expect(rules[0]?.Properties['EventPattern']).toMatchObject({
      source: ['aws.rds'],
      detail: { EventCategories: ['failover', 'failure', 'availability'] },
    });
    expect(TEXT(rules[0]?.Properties['Targets'])).toContain('#database-moved');
    const actions = statementsOf(cluster, 'PostgresEvents').flatMap(({ Action }) => Action);
    expect(actions.sort()).toEqual(['kms:Decrypt', 'kms:GenerateDataKey', 'sns:Publish']);
  });
});

describe('the logins', () => {
  const cluster = synthesize(withDatabase({}));

  it('are one secret per node, with the role that the node is locked out by, generated and rotated', () => {
    const secrets = Object.values(cluster.template('Data').findResources('AWS::SecretsManager::Secret')) as Resource[];
    const generated = secrets.map(({ Properties }) => Properties['GenerateSecretString'] as Record<string, unknown>);
    expect(generated.map(({ SecretStringTemplate }) => SecretStringTemplate)).toEqual([
      '{"username":"node_alice"}',
      '{"username":"node_bob"}',
    ]);
    const schedules = Object.values(cluster.all('AWS::SecretsManager::RotationSchedule'));
    expect(schedules).toHaveLength(2);
    for (const { Properties } of schedules) {
      expect(Properties).toMatchObject({
        RotateImmediatelyOnUpdate: false,
        RotationRules: { AutomaticallyAfterDays: 30 },
      });
    }
  });

  it('are read by the setup, and changed by the rotation alone', () => {
    const may = (part: string): string[] => statementsOf(cluster, part).flatMap(({ Action }) => Action);
    expect(may('SetupWorker')).toContain('secretsmanager:GetSecretValue');
    expect(may('SetupWorker')).not.toContain('secretsmanager:PutSecretValue');
    expect(may('SetupDeployment')).not.toContain('secretsmanager:GetSecretValue');
    expect(may('RotationRotator')).toContain('secretsmanager:PutSecretValue');
    const writers = Object.keys(cluster.all('AWS::IAM::Policy')).filter((id) =>
      may(id).includes('secretsmanager:PutSecretValue'),
    );
    expect(writers).toHaveLength(1);
  });

  it('let each function sign in as its own role on this very instance', () => {
    const statementOf = (part: string): string =>
      TEXT(statementsOf(cluster, part).find(({ Sid }) => Sid === 'SignInToDatabase')?.Resource);
    expect(statementOf('NodeControlA')).toMatch(/dbuser:.*DbiResourceId.*\/understudy_control/);
    expect(statementOf('ObserverA')).toMatch(/dbuser:.*DbiResourceId.*\/understudy_observer/);
    expect(statementOf('NodeControlA')).not.toContain('*');
  });

  it('stand in no environment: what functions know is where, as whom and how', () => {
    const connection = joined(environmentOf(cluster, 'NodeControlA')['UNDERSTUDY_DATABASE']);
    expect(Object.keys(connection).sort()).toEqual(['auth', 'host', 'name', 'port', 'region', 'tls', 'user']);
    expect(connection).toMatchObject({ user: 'understudy_control', auth: 'iam', tls: true, region: 'us-east-1' });
    expect(environmentOf(cluster, 'ObserverA')['NODE_EXTRA_CA_CERTS']).toBe('/var/runtime/ca-cert.pem');
  });
});

describe('the setup', () => {
  const cluster = synthesize(withDatabase({}));

  it('comes before the nodes', () => {
    const { dependencies } = cluster.app.synth().getStackByName('Understudy-pbx-Nodes');
    expect(dependencies.map(({ id }) => id)).toContain('Understudy-pbx-Data');
  });

  it('comes before the nodes in a stack of somebody else too, where no order of stacks helps', () => {
    const stack = new Stack(testApp(), 'Mine', { env: { region: 'us-east-1' } });
    new UnderstudyCluster(stack, 'Pbx', { config: withDatabase({}) });
    const template = Template.fromStack(stack);
    const [setup] = Object.keys(template.findResources('Custom::UnderstudyDatabaseSetup'));
    const instances = Object.values(template.findResources('AWS::EC2::Instance')) as Resource[];
    expect(instances).toHaveLength(2);
    for (const { DependsOn } of instances) expect(DependsOn).toContain(setup);
  });

  it('reaches the database from inside, and answers CloudFormation from outside', () => {
    const functions = Object.entries(cluster.template('Data').findResources('AWS::Lambda::Function'));
    const inVpc = functions.filter(([, { Properties }]) => (Properties as Record<string, unknown>)['VpcConfig']);
    expect(inVpc.map(([id]) => /Worker|Rotator/.test(id))).toEqual([true, true]);
    expect(functions).toHaveLength(3);
  });

  it('runs again when a node joins', () => {
    const requestOf = (config: ClusterConfig): unknown =>
      only(synthesize(config).all('Custom::UnderstudyDatabaseSetup')).Properties['request'];
    const more = withDatabase({});
    const [first] = more.nodes;
    if (first === undefined) throw new Error('the example has nodes');
    more.nodes.push({ ...first, id: 'carol' });
    expect(TEXT(requestOf(more))).toContain('node_carol');
    expect(requestOf(more)).not.toEqual(requestOf(withDatabase({})));
  });
});

describe('a laptop', () => {
  it('has neither TLS nor tokens, for which nobody would ask there', () => {
    const cluster = synthesize(withDatabase({ tls: false }));
    const environment = environmentOf(cluster, 'NodeControlA');
    expect(joined(environment['UNDERSTUDY_DATABASE'])).toMatchObject({ auth: 'none', tls: false });
    expect(environment).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
    expect(TEXT(statementsOf(cluster, ''))).not.toContain('rds-db:connect');
  });
});

describe('a database that exists', () => {
  const cluster = synthesize(withDatabase(EXISTING));

  it('is not made, and is set up by its own administrator', () => {
    expect(cluster.all('AWS::RDS::DBInstance')).toEqual({});
    const read = statementsOf(cluster, 'SetupWorker').find(({ Sid }) => Sid === 'DatabaseLogins');
    expect(TEXT(read?.Resource)).toContain(EXISTING.source === 'existing' ? EXISTING.adminSecretArn : '');
    expect(joined(environmentOf(cluster, 'NodeControlA')['UNDERSTUDY_DATABASE'])).toMatchObject({
      host: 'calls.abc.us-east-1.rds.amazonaws.com',
      port: 6432,
    });
  });

  it('gets rules for nodes and functions in its own security group', () => {
    const rules = Object.values(cluster.all('AWS::EC2::SecurityGroupIngress'))
      .map(({ Properties }) => Properties)
      .filter(({ GroupId }) => GroupId === 'sg-0123456789abcdef0');
    expect(rules.map(({ FromPort }) => FromPort)).toEqual([6432, 6432]);
  });

  it('is reached inside the network alone when its group is not known', () => {
    const open = synthesize(withDatabase({ ...EXISTING, securityGroupId: null }));
    const egress = Object.values(open.all('AWS::EC2::SecurityGroup')).flatMap(
      ({ Properties }) => (Properties['SecurityGroupEgress'] ?? []) as { CidrIp?: string; FromPort: number }[],
    );
    const config = exampleConfig();
    expect(egress.filter(({ FromPort }) => FromPort === 6432).map(({ CidrIp }) => CidrIp)).toEqual([
      config.network.cidr,
      config.network.cidr,
    ]);
  });

  it('breaks no rule of cdk-nag', () => {
    const violations = new AwsSolutionsChecks(cluster.app).validateScope(cluster.app).violations;
    expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

describe('no database', () => {
  const cluster = synthesize(withDatabase({ source: 'none' }));

  it('leaves nothing of it anywhere', () => {
    expect(cluster.app.node.tryFindChild('Understudy-pbx-Data')).toBeUndefined();
    for (const type of ['AWS::RDS::DBInstance', 'AWS::RDS::DBSubnetGroup', 'Custom::UnderstudyDatabaseSetup']) {
      expect(cluster.all(type)).toEqual({});
    }
    expect(Object.keys(cluster.all('AWS::EC2::Subnet')).filter((id) => id.includes('Database'))).toEqual([]);
    expect(Object.keys(cluster.all('AWS::EC2::SecurityGroup')).filter((id) => id.includes('Database'))).toEqual([]);
    expect(environmentOf(cluster, 'NodeControlA')).not.toHaveProperty('UNDERSTUDY_DATABASE');
    expect(environmentOf(cluster, 'ObserverA')).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
    expect(TEXT(statementsOf(cluster, ''))).not.toContain('rds-db:connect');
    expect(only(cluster.all('Custom::UnderstudyRegistration')).Properties['request']).toBeDefined();
  });
});
