import { Aws, Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { RotationEnvironment } from '../../operations/database-rotation';
import { readDatabaseSecrets, rotateSecrets } from '../functions/database-permissions';
import { UnderstudyFunction } from '../functions/understudy-function';
import { pascal } from '../naming';
import { SILENCE_IS_GOOD, type Paging } from '../paging';
import type { DatabaseSite } from './database-site';
import type { NodeSecret } from './node-secret';

export interface SecretRotationProps {
  cluster: string;
  site: DatabaseSite;
  adminSecretArn: string;
  /** Node id -> its secret. */
  secrets: ReadonlyMap<string, NodeSecret>;
  paging: Paging;
}

const EVERY = Duration.days(30);

/**
 * A new password for each node every month. The nodes read their secret again within a minute; connections that are
 * open go on, because PostgreSQL asks for a password only at their beginning.
 */
export class SecretRotation extends Construct {
  readonly rotator: UnderstudyFunction;
  readonly schedules: secretsmanager.CfnRotationSchedule[];

  constructor(scope: Construct, id: string, props: SecretRotationProps) {
    super(scope, id);
    const { cluster, site, adminSecretArn, secrets } = props;
    const arns = [...secrets.values()].map((each) => each.secret.secretArn);
    const environment: RotationEnvironment = {
      UNDERSTUDY_DATABASE_SERVER: site.serverJson,
      UNDERSTUDY_ADMIN_SECRET_ARN: adminSecretArn,
    };
    this.rotator = new UnderstudyFunction(this, 'Rotator', {
      entry: 'database-rotation',
      description: `Understudy ${cluster}: gives each node a new password in the shared database`,
      memoryMb: 256,
      timeout: Duration.seconds(60),
      network: site.network,
      environment: { ...environment, ...site.certificates },
    });
    this.rotator.allow(...readDatabaseSecrets([adminSecretArn]), rotateSecrets(arns));
    this.rotator.function.addPermission('SecretsManager', {
      principal: new iam.ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Aws.ACCOUNT_ID,
    });
    this.schedules = [...secrets].map(([nodeId, { secret }]) => {
      const schedule = new secretsmanager.CfnRotationSchedule(this, `Schedule${pascal(nodeId)}`, {
        secretId: secret.secretArn,
        rotationLambdaArn: this.rotator.function.functionArn,
        rotationRules: { automaticallyAfterDays: EVERY.toDays() },
        // The role gets its first password from the setup: there is nothing to rotate yet.
        rotateImmediatelyOnUpdate: false,
      });
      // Secrets Manager tries the function at once, and may not before the permission is there.
      schedule.node.addDependency(this.rotator);
      return schedule;
    });
    this.alarm(props.paging);
  }

  private alarm(paging: Paging): void {
    paging.alarm(this, 'Failed', {
      metric: this.rotator.function.metricErrors({ period: Duration.hours(1), statistic: 'Sum' }),
      comparison: 'at-least',
      // Secrets Manager tries a failed rotation again by itself; one failure is nothing yet.
      threshold: 2,
      says:
        "A node's password in the shared database could not be changed. The old one was given back; if that failed " +
        'too, the log says so, and the node cannot sign in again.',
      runbook: 'database-rotation-failed',
      missingData: SILENCE_IS_GOOD('Lambda writes this metric only when the function is invoked: once a month.'),
    });
  }
}
