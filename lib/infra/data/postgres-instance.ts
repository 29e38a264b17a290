import { CfnDeletionPolicy, Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import type { DatabaseConfig } from '../../config/model';
import { acknowledge } from '../acknowledge';
import { POSTGRES_PORT } from '../network/database-rules';

export interface PostgresInstanceProps {
  cluster: string;
  database: Extract<DatabaseConfig, { source: 'create' }>;
  /** Isolated, in two zones at least: RDS asks for that even of a database in one. */
  subnets: readonly ec2.ISubnet[];
  securityGroup: ec2.ISecurityGroup;
  deletionProtection: boolean;
}

/** The major that every test of a recovery runs on; FreeSWITCH's libpq speaks to it as to any since 7.4. */
const VERSION = rds.PostgresEngineVersion.VER_18;

/** Role that owns everything and that nothing of ours but the setup and the rotation signs in as. */
const ADMIN = 'understudy_admin';

/**
 * RDS for PostgreSQL. Encrypted by the key that AWS manages for RDS: it costs nothing, and a database can never change
 * its key without being replaced, so that it must not hang on a setting that somebody may want to turn.
 *
 * RDS itself keeps the administrator's password, in a secret that it rotates every seven days.
 */
export class PostgresInstance extends Construct {
  readonly instance: rds.CfnDBInstance;
  /** References: they have values at deployment only. */
  readonly host: string;
  readonly port: number;
  readonly adminSecretArn: string;
  readonly resourceId: string;

  constructor(scope: Construct, id: string, props: PostgresInstanceProps) {
    super(scope, id);
    const { cluster, database, subnets } = props;
    if (subnets.length < 2) {
      throw new Error(
        `cluster ${cluster}: a database needs subnets in two zones and the network has ${subnets.length}: ` +
          'name observers in a second zone, or set `database: none`',
      );
    }
    const subnetGroup = new rds.CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: `Understudy ${cluster}: isolated subnets of the shared database`,
      subnetIds: subnets.map((subnet) => subnet.subnetId),
    });
    this.instance = new rds.CfnDBInstance(this, 'Instance', {
      engine: 'postgres',
      engineVersion: VERSION.postgresFullVersion,
      dbInstanceClass: database.instanceClass,
      dbName: database.name,
      port: String(POSTGRES_PORT),
      multiAz: database.multiAz,
      dbSubnetGroupName: subnetGroup.ref,
      vpcSecurityGroups: [props.securityGroup.securityGroupId],
      publiclyAccessible: false,
      storageType: 'gp3',
      allocatedStorage: String(database.storageGiB),
      // It grows by itself before a full disk stops the nodes; what it may cost at most stands in docs/cost.md.
      maxAllocatedStorage: database.storageGiB * 2,
      storageEncrypted: true,
      masterUsername: ADMIN,
      manageMasterUserPassword: true,
      enableIamDatabaseAuthentication: true,
      dbParameterGroupName: this.parameters(cluster, database.tls).ref,
      backupRetentionPeriod: database.backupDays,
      copyTagsToSnapshot: true,
      // UTC. The one before the other, as RDS demands, and both in the night of most of the world's offices on Sunday.
      preferredBackupWindow: '02:00-02:30',
      preferredMaintenanceWindow: 'sun:03:00-sun:04:00',
      autoMinorVersionUpgrade: true,
      deletionProtection: props.deletionProtection,
      enableCloudwatchLogsExports: ['postgresql', 'upgrade', 'iam-db-auth-error'],
    });
    this.instance.cfnOptions.deletionPolicy = CfnDeletionPolicy.SNAPSHOT;
    this.instance.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.SNAPSHOT;
    this.acknowledge(props);

    this.host = this.instance.attrEndpointAddress;
    this.port = Token.asNumber(this.instance.attrEndpointPort);
    this.adminSecretArn = this.instance.attrMasterUserSecretSecretArn;
    this.resourceId = this.instance.attrDbiResourceId;
  }

  private parameters(cluster: string, tls: boolean): rds.CfnDBParameterGroup {
    return new rds.CfnDBParameterGroup(this, 'Parameters', {
      description: `Understudy ${cluster}: shared database`,
      family: `postgres${VERSION.postgresMajorVersion}`,
      parameters: {
        'rds.force_ssl': tls ? '1' : '0',
        // A node that lost its power says no goodbye: its sessions, and what they lock, are gone after 25 s.
        tcp_keepalives_idle: '10',
        tcp_keepalives_interval: '5',
        tcp_keepalives_count: '3',
        // Statements hold phone numbers and, when a password is set, its verifier: none goes into a log, failed or not.
        log_statement: 'none',
        log_min_error_statement: 'panic',
      },
    });
  }

  private acknowledge({ database, deletionProtection }: PostgresInstanceProps): void {
    acknowledge(
      this.instance,
      ['AwsSolutions-RDS11'],
      'The security group admits nodes and functions alone; another port would hide it from nobody who may knock.',
    );
    if (!database.multiAz) {
      acknowledge(this.instance, ['AwsSolutions-RDS3'], 'The configuration asks for one zone (`multiAz: false`).');
    }
    if (!deletionProtection) {
      acknowledge(
        this.instance,
        ['AwsSolutions-RDS10'],
        'The configuration turns deletion protection off (`state.deletionProtection`), so that the cluster can be ' +
          'deleted. A snapshot is taken then.',
      );
    }
  }
}
