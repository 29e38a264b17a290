import { AwsSolutionsChecks } from 'cdk-nag';
import { exampleConfig, synthesize, type Resource, type SynthesizedCluster } from './fixture';

interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Statements of the roles whose logical id contains `part`. */
function statementsOf(cluster: SynthesizedCluster, part: string): Statement[] {
  return Object.entries(cluster.all('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(part))
    .flatMap(([, policy]) => (policy.Properties['PolicyDocument'] as { Statement: Statement[] }).Statement);
}

const actionsOf = (statements: Statement[]): string[] =>
  [...new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action))].sort();

const bySid = (statements: Statement[], sid: string): Statement => {
  const found = statements.filter(({ Sid }) => Sid === sid);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} statements ${sid}`);
  return found[0];
};

describe('permissions', () => {
  const cluster = synthesize();
  const adopted = synthesize(exampleConfig('adopt'));
  const owner = { StringEquals: { 'ec2:ResourceTag/understudy:owner': 'cluster/pbx' } };

  it('have no action with a wildcard and no managed policy anywhere', () => {
    const all = statementsOf(cluster, '');
    expect(actionsOf(all).filter((action) => action.includes('*'))).toEqual([]);
    const roles: Resource[] = Object.values(cluster.all('AWS::IAM::Role'));
    expect(roles.filter(({ Properties }) => Properties['ManagedPolicyArns'] !== undefined)).toEqual([]);
  });

  it('let an observer read and write the table, read one secret, sign in to the database, and touch nothing else', () => {
    const statements = statementsOf(cluster, 'ObserverA');
    const code = statements.filter(({ Sid }) => !['ServiceMakesInterfaces', 'OwnLog'].includes(Sid ?? ''));
    expect(actionsOf(code)).toEqual([
      'dynamodb:ConditionCheckItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'rds-db:connect',
      'secretsmanager:GetSecretValue',
    ]);
  });

  it("take the network interfaces of the Lambda service away from a function's own code", () => {
    const statements = statementsOf(cluster, 'ObserverA');
    const given = bySid(statements, 'ServiceMakesInterfaces');
    const denied = bySid(statements, 'CodeDoesNot');
    expect(denied).toMatchObject({ Effect: 'Deny', Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } } });
    expect(denied.Action).toEqual(given.Action);
  });

  it('let node-control read the ESL secret, sign in to the database, and nothing of AWS besides', () => {
    const statements = statementsOf(cluster, 'NodeControlA').filter(({ Sid }) => Sid !== 'ServiceMakesInterfaces');
    expect(actionsOf(statements)).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'rds-db:connect',
      'secretsmanager:GetSecretValue',
    ]);
  });

  it('let the failover function move, mark, stop and start only what carries our tag', () => {
    const statements = statementsOf(cluster, 'Converger');
    expect(bySid(statements, 'OurAddressesOnly').Condition).toEqual(owner);
    expect(bySid(statements, 'StopOurNodes').Condition).toEqual(owner);
    expect(bySid(statements, 'StartOurNodes').Condition).toEqual(owner);
    expect(bySid(statements, 'MarkOurAddresses').Condition).toMatchObject(owner);
  });

  it('know the interfaces of created nodes by our tag, whichever these are now, and the VPC of adopted ones', () => {
    const kindsOf = (of: SynthesizedCluster) =>
      JSON.stringify(bySid(statementsOf(of, 'Converger'), 'OurAddressesOnly').Resource).match(/[a-z-]+(?=\/\*)/g);
    expect(kindsOf(cluster)).toEqual(['elastic-ip', 'instance', 'network-interface']);
    expect(kindsOf(adopted)).toEqual(['elastic-ip', 'instance']);
    const interfaces = Object.values(cluster.all('AWS::EC2::NetworkInterface'));
    expect(interfaces.map(({ Properties }) => Properties['Tags'])).toEqual([
      expect.arrayContaining([{ Key: 'understudy:owner', Value: 'cluster/pbx' }]),
      expect.arrayContaining([{ Key: 'understudy:owner', Value: 'cluster/pbx' }]),
    ]);
    const statement = bySid(statementsOf(adopted, 'Converger'), 'AdoptedNodesInTheirVpc');
    expect(JSON.stringify(statement.Condition)).toMatch(/ec2:Vpc.*vpc\/vpc-/);
  });

  it("let nobody change any record but the VIP's own, and never by UPSERT", () => {
    for (const role of ['Converger', 'Registrar']) {
      expect(bySid(statementsOf(cluster, role), 'MoveNames0').Condition).toEqual({
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['sip.pbx.internal'],
          'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'TXT'],
          'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
        },
      });
    }
  });

  it('let the registrar claim the unclaimed and take addresses off, but not put them anywhere', () => {
    const statements = statementsOf(cluster, 'Registrar');
    expect(actionsOf(statements)).not.toContain('ec2:AssociateAddress');
    expect(actionsOf(statements)).toContain('ec2:DisassociateAddress');
    expect(bySid(statements, 'ClaimUnclaimed').Condition).toMatchObject({
      Null: { 'ec2:ResourceTag/understudy:owner': 'true' },
      StringEquals: { 'aws:RequestTag/understudy:owner': 'cluster/pbx' },
    });
  });

  it('let the guard read and the evidence writer write live items only', () => {
    const guard = statementsOf(cluster, 'ReplacementGuard').filter(({ Sid }) => Sid !== 'OwnLog');
    expect(actionsOf(guard)).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
    const evidence = statementsOf(cluster, 'InstanceEvidence');
    expect(bySid(evidence, 'LiveItemsOnly').Condition).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['live'] },
    });
  });

  describe('for secrets of the user, which may be under a key of theirs', () => {
    const secret = (name: string, account = '123456789012'): string =>
      `arn:aws:secretsmanager:us-east-1:${account}:secret:${name}-AbCdEf`;
    const decrypt = (sid: string, secrets: string[], accounts = ['123456789012']) => {
      const keys = accounts.map((account) => `arn:aws:kms:us-east-1:${account}:key/*`);
      return {
        Sid: sid,
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: keys.length === 1 ? keys[0] : keys,
        Condition: {
          StringEquals: {
            'kms:ViaService': {
              'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
            },
            'kms:EncryptionContext:SecretARN': secrets,
          },
        },
      };
    };

    const config = exampleConfig();
    config.eslSecret = { source: 'existing', arn: secret('esl') };
    config.vips = config.vips.map((vip) => ({ ...vip, tls: { secretArn: secret('tls', '210987654321'), port: 5061 } }));
    config.freeswitch.install = { source: 'packages', tokenSecretArn: secret('token') };
    config.database = {
      ...{ source: 'existing', host: 'db.example.com', port: 5432, name: 'calls', tls: true },
      ...{ adminSecretArn: secret('admin'), securityGroupId: null },
    };
    const theirs = synthesize(config);

    it('decrypt these very secrets, through Secrets Manager alone', () => {
      for (const role of ['ObserverA', 'NodeControlA']) {
        expect(bySid(statementsOf(theirs, role), 'EslPasswordKeys')).toEqual(
          decrypt('EslPasswordKeys', [secret('esl')]),
        );
      }
      for (const role of ['SetupWorker', 'Rotator']) {
        expect(bySid(statementsOf(theirs, role), 'DatabaseLoginsKeys')).toEqual(
          decrypt('DatabaseLoginsKeys', [secret('admin')]),
        );
      }
      expect(bySid(statementsOf(theirs, 'RoleAlice'), 'OwnSecretsKeys')).toEqual(
        decrypt(
          'OwnSecretsKeys',
          [secret('esl'), secret('tls', '210987654321'), secret('token')],
          ['123456789012', '210987654321'],
        ),
      );
    });

    it('decrypt nothing where the deployment makes the secrets', () => {
      expect(actionsOf(statementsOf(cluster, 'RoleAlice'))).not.toContain('kms:Decrypt');
      expect(actionsOf(statementsOf(cluster, 'SetupWorker'))).not.toContain('kms:Decrypt');
    });

    it('leave cdk-nag nothing to say', () => {
      const { violations } = new AwsSolutionsChecks(theirs.app).validateScope(theirs.app);
      expect(violations.map(({ ruleName }) => ruleName)).toEqual([]);
    });
  });

  it("give stop and start away when the policy does not want them, and the table's key only where there is one", () => {
    const config = exampleConfig();
    config.policy.stopFailedNode = false;
    config.policy.restoreFailedNode = false;
    config.state.customerManagedKey = true;
    const other = synthesize(config);
    expect(actionsOf(statementsOf(other, 'Converger'))).not.toContain('ec2:StopInstances');
    expect(actionsOf(statementsOf(other, 'Converger'))).not.toContain('ec2:StartInstances');
    expect(actionsOf(statementsOf(other, 'ObserverA'))).toContain('kms:Decrypt');
    expect(actionsOf(statementsOf(cluster, 'ObserverA'))).not.toContain('kms:Decrypt');
  });
});
