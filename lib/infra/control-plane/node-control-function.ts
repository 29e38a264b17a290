import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CONTROL_ROLE } from '../../domain/database-names';
import type { ClusterDatabase } from '../data/cluster-database';
import { watchFunction } from '../functions/function-alarms';
import { readSecrets } from '../functions/secret-permissions';
import { UnderstudyFunction } from '../functions/understudy-function';
import type { ClusterNetwork } from '../network/cluster-network';
import type { ClusterState } from '../state/cluster-state';

export interface NodeControlFunctionProps {
  cluster: string;
  zone: string;
  network: ClusterNetwork;
  state: ClusterState;
  /** null: the cluster has none. */
  database: ClusterDatabase | null;
}

/**
 * Speaks ESL and SIP to nodes for the failover function, which is outside the VPC. One per zone: the candidate's own
 * zone is asked first. It knows the ESL password and no AWS API beside it; in the shared database it has a role of
 * its own, which locks nodes out and recovers calls.
 */
export class NodeControlFunction extends Construct {
  readonly zone: string;
  readonly controller: UnderstudyFunction;

  constructor(scope: Construct, id: string, props: NodeControlFunctionProps) {
    super(scope, id);
    const { network, state, zone, cluster } = props;
    this.zone = zone;
    this.controller = new UnderstudyFunction(this, 'Controller', {
      entry: 'node-control',
      description: `Understudy ${cluster}: gives orders to nodes, from ${zone}`,
      // It is asked in the middle of a failover, mostly cold: more processor is less outage.
      memoryMb: 512,
      // Requests bring deadlines of their own; the longest is a recovery: hundreds of legs are rebuilt one after another
      // and waited for. This is the net below them.
      timeout: Duration.seconds(60),
      network: { vpc: network.vpc, subnet: network.functionSubnet(zone), securityGroup: network.functionGroup },
      environment: { UNDERSTUDY_ESL_SECRET_ARN: state.eslSecretArn, UNDERSTUDY_ZONE: zone },
    });
    this.controller.allow(...readSecrets('EslPassword', [state.eslSecretArn]));
    props.database?.admit(this.controller, CONTROL_ROLE);
    watchFunction(state.paging, this.controller, `node-control of ${zone}`);
  }
}
