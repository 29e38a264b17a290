import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DatabaseSetupRequest } from '../../operations/database-setup';
import { readDatabaseSecrets } from '../functions/database-permissions';
import { invoke } from '../functions/permissions';
import { UnderstudyFunction } from '../functions/understudy-function';
import { SILENCE_IS_GOOD, type Paging } from '../paging';
import type { DatabaseSite } from './database-site';
import type { NodeSecret } from './node-secret';

export interface DatabaseSetupProps {
  cluster: string;
  site: DatabaseSite;
  adminSecretArn: string;
  secrets: ReadonlyMap<string, NodeSecret>;
  /** Whether functions sign in by IAM: their roles are then marked so in the database. */
  iam: boolean;
  paging: Paging;
}

/**
 * Makes tables and roles before the first node boots: FreeSWITCH spins at an empty database (FACTS 8.4).
 *
 * Two functions, because the one that reaches the database lives in a subnet without any way out, and CloudFormation
 * takes its answer at an address in S3 only: the other one, outside, answers, and asks again while a fresh instance
 * still turns connections away.
 */
export class DatabaseSetup extends Construct {
  readonly worker: UnderstudyFunction;
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: DatabaseSetupProps) {
    super(scope, id);
    const { cluster, site, adminSecretArn, secrets } = props;
    const arns = [...secrets.values()].map((each) => each.secret.secretArn);
    this.worker = new UnderstudyFunction(this, 'Worker', {
      entry: 'database-setup',
      description: `Understudy ${cluster}: makes tables and roles in the shared database`,
      memoryMb: 512,
      // Shorter than the patience of whoever invokes it and waits (`WORKER_POLICY`).
      timeout: Duration.seconds(25),
      network: site.network,
      environment: { UNDERSTUDY_DATABASE_SERVER: site.serverJson, ...site.certificates },
    });
    this.worker.allow(...readDatabaseSecrets([adminSecretArn, ...arns]));

    const deployment = new UnderstudyFunction(this, 'Deployment', {
      entry: 'database-deployment',
      description: `Understudy ${cluster}: has the shared database set up, and tells CloudFormation`,
      memoryMb: 256,
      timeout: Duration.minutes(8),
      environment: { UNDERSTUDY_WORKER: this.worker.function.functionName },
    });
    deployment.allow(invoke([this.worker.function]));

    const request: DatabaseSetupRequest = {
      adminSecretArn,
      iam: props.iam,
      nodes: [...secrets.values()].map(({ role, secret }) => ({ role, secretArn: secret.secretArn })),
    };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::UnderstudyDatabaseSetup',
      serviceToken: deployment.function.functionArn,
      // Without it CloudFormation waits an hour for a function that died.
      serviceTimeout: Duration.minutes(9),
      properties: {
        request: Stack.of(this).toJsonString(request),
        // Another server, another node or another version of the tables: it runs again. It may run as often as it likes.
        server: site.serverJson,
        version: this.worker.codeHash,
      },
    });
    // With the worker's permissions, which are a resource of their own.
    this.resource.node.addDependency(this.worker);
    this.alarm(props.paging);
  }

  private alarm(paging: Paging): void {
    paging.alarm(this, 'Failed', {
      metric: this.worker.function.metricErrors({ period: Duration.minutes(1), statistic: 'Sum' }),
      comparison: 'at-least',
      threshold: 1,
      says: 'Tables or roles of the shared database could not be made: the deployment was rolled back.',
      runbook: 'database-setup-failed',
      missingData: SILENCE_IS_GOOD('Lambda writes this metric only when the function is invoked: at deployments.'),
    });
  }
}
