import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy, type Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { type Permission } from './permission';
import { liveInVpc, writeLogs } from './permissions';

/** The root of this package: where `lambdas/` and the lockfile are, whoever's application this runs in. */
const PACKAGE_ROOT = join(__dirname, '..', '..', '..');

export type FunctionEntry =
  | 'health-check'
  | 'failover'
  | 'node-control'
  | 'ec2-evidence'
  | 'registrar'
  | 'database-deployment'
  | 'database-setup'
  | 'database-rotation';

export interface UnderstudyFunctionProps {
  /** File of `lambdas/` without its ending. */
  entry: FunctionEntry;
  description: string;
  /** Decides the share of a processor too: 1,769 MB are one (Lambda guide, "Configure Lambda function memory"). */
  memoryMb: number;
  timeout: Duration;
  environment: Record<string, string>;
  /** Absent: outside the VPC. */
  network?: { vpc: ec2.IVpc; subnet: ec2.ISubnet; securityGroup: ec2.ISecurityGroup };
  /** Of asynchronous invocations. */
  asynchronous?: { retryAttempts: number; maxEventAge: Duration };
}

/**
 * One function of ours: bundled whole, on arm64, with its own log group and a role that has nothing but what `allow`
 * gives it.
 *
 * The AWS SDK is in the bundle: what ships is what was tested, not what the runtime happens to have. There is no X-Ray:
 * its endpoint would be one more door in an isolated subnet, and the journal holds the time of every step already.
 */
export class UnderstudyFunction extends Construct {
  readonly function: NodejsFunction;
  readonly role: iam.Role;
  private readonly wildcards = new Map<string, string>();

  constructor(scope: Construct, id: string, props: UnderstudyFunctionProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Log', {
      retention: logs.RetentionDays.THREE_MONTHS,
      // What must outlive the stack (journals, audit) is in the table; logs are for those who run it.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.allow(writeLogs(logGroup.logGroupArn), ...(props.network === undefined ? [] : liveInVpc()));

    const { network, asynchronous } = props;
    this.function = new NodejsFunction(this, 'Function', {
      ...codeOf(props.entry),
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: props.environment,
      role: this.role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.TEXT,
      awsSdkConnectionReuse: false,
      ...(network === undefined
        ? {}
        : { vpc: network.vpc, vpcSubnets: { subnets: [network.subnet] }, securityGroups: [network.securityGroup] }),
      ...(asynchronous ?? {}),
    });
  }

  /** Gives a permission, and accepts its wildcards with the reason it brings along. */
  allow(...permissions: readonly Permission[]): void {
    for (const { statement, wildcards, because } of permissions) {
      this.role.addToPolicy(statement);
      if (because === null) continue;
      for (const wildcard of wildcards) this.accept(wildcard, because);
    }
  }

  /** Hash of the bundle: another code, another hash. */
  get codeHash(): string {
    const code = this.function.node.tryFindChild('Code');
    if (!(code instanceof Asset)) throw new Error(`${this.node.path}: the function's code is not an asset`);
    return code.assetHash;
  }

  private accept(wildcard: string, because: string): void {
    const reasons = this.wildcards.get(wildcard);
    if (reasons?.includes(because)) return;
    this.wildcards.set(wildcard, reasons === undefined ? because : `${reasons} ${because}`);
    acknowledge(this.role, [`AwsSolutions-IAM5[${wildcard}]`], because);
  }
}

function codeOf(entry: FunctionEntry) {
  const file = join(PACKAGE_ROOT, 'lambdas', `${entry}.ts`);
  if (!existsSync(file)) throw new Error(`${file} is missing: this copy of understudy is not complete`);
  return {
    entry: file,
    handler: 'handler',
    projectRoot: PACKAGE_ROOT,
    depsLockFilePath: join(PACKAGE_ROOT, 'package-lock.json'),
    bundling: {
      minify: true,
      sourceMap: false,
      // Older than the runtime on purpose: the same bundle runs on the Node of a laptop.
      target: 'node20',
      // ES modules first: esbuild drops what is not used only from those.
      mainFields: ['module', 'main'],
      externalModules: [],
      // What no function of ours can ever use; each stand-in says why.
      esbuildArgs: {
        '--alias:@aws-sdk/credential-provider-node': join(PACKAGE_ROOT, 'lib', 'aws', 'environment-credentials.ts'),
        '--alias:@aws-sdk/credential-providers': join(PACKAGE_ROOT, 'lib', 'aws', 'environment-credentials.ts'),
        '--alias:xml2js': join(PACKAGE_ROOT, 'lib', 'freeswitch', 'esl', 'no-xml.ts'),
      },
      forceDockerBundling: false,
    },
  };
}
