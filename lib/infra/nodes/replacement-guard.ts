import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { RegistrarProperties, ReplacementGuardRequest } from '../../operations/registration-request';
import { UnderstudyFunction } from '../functions/understudy-function';
import { readTable } from '../functions/permissions';
import type { ClusterState } from '../state/cluster-state';

export interface ReplacementGuardProps {
  cluster: string;
  state: ClusterState;
  /** Node id -> hash over everything whose change replaces or stops the instance. */
  fingerprints: Record<string, string>;
}

/**
 * Stands in front of every instance: CloudFormation asks it before it touches one, and it refuses when the node holds
 * a VIP. A rolling replacement is then a switchover, a deployment, and the next node.
 *
 * It has a function of its own that may read the table and nothing else; registration, which may do much more, lives
 * in another stack.
 */
export class ReplacementGuard extends Construct {
  constructor(scope: Construct, id: string, props: ReplacementGuardProps) {
    super(scope, id);
    const { table, tableKey } = props.state;
    const guard = new UnderstudyFunction(this, 'Function', {
      entry: 'registrar',
      description: `Understudy ${props.cluster}: refuses to replace a node that holds a VIP`,
      memoryMb: 256,
      timeout: Duration.seconds(60),
      environment: { UNDERSTUDY_TABLE: table.tableName, UNDERSTUDY_CLUSTER: props.cluster },
    });
    guard.allow(...readTable(table, tableKey));

    const request: ReplacementGuardRequest = { nodes: props.fingerprints };
    const properties: RegistrarProperties = { action: 'guard-replacement', request: JSON.stringify(request) };
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::UnderstudyReplacementGuard',
      serviceToken: guard.function.functionArn,
      // Without it CloudFormation waits an hour for a function that died.
      serviceTimeout: Duration.minutes(2),
      properties,
    });
  }
}
