import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { WayPastNat } from './node-routes';

/** The VPC that a cluster stands on, made or found: the rest of the network does not ask which. */
export interface Ground {
  readonly vpc: ec2.IVpc;
  /** Zone -> isolated subnet of the functions there. Has every zone with an observer or a node. */
  readonly functionSubnets: ReadonlyMap<string, ec2.ISubnet>;
  /** Zone -> subnet of the nodes that the deployment makes there. */
  readonly nodeSubnets: ReadonlyMap<string, ec2.ISubnet>;
  /** One a node subnet whose default route we lead to a NAT gateway. */
  readonly waysPastNat: readonly WayPastNat[];
  /** Isolated subnets of a database of the cluster's own, one a zone. Empty where none is made. */
  readonly databaseSubnets: readonly ec2.ISubnet[];
}
