import { createHash } from 'node:crypto';
import type { ClusterConfig, NodeConfig } from '../../config/model';
import type { NodeIdentity } from './node-user-data';
import { nodeUserData } from './node-user-data';

export type CreatedNodeConfig = Extract<NodeConfig, { source: 'create' }>;

/** Root device of Amazon Linux 2023 and of Debian's images. */
export const ROOT_DEVICE = '/dev/xvda';

/**
 * A hash over everything of a created node whose change makes CloudFormation replace the instance or stop it: image,
 * type, zone, subnet, volume and user data (AWS::EC2::Instance, "Update requires: Replacement" and "Some
 * interruptions"; a change of type or user data stops and starts the instance, which is as hard on calls).
 *
 * It is made of the configuration, not of the template, so that it is known while the template is being made.
 */
export function nodeFingerprint(config: ClusterConfig, node: CreatedNodeConfig, identity: NodeIdentity): string {
  const { network } = config;
  const subnet =
    network.source === 'create'
      ? { cidr: network.cidr }
      : { vpc: network.vpcId, subnet: network.zones[node.zone]?.nodeSubnetId };
  const eslSecret = config.eslSecret.source === 'existing' ? config.eslSecret.arn : 'created';
  const content = {
    imageId: node.imageId,
    instanceType: node.instanceType,
    zone: node.zone,
    subnet,
    volumeGiB: node.volumeGiB,
    rootDevice: ROOT_DEVICE,
    // The secret's ARN is a reference that has no value yet: what it refers to stands in its place.
    userData: nodeUserData({ ...identity, eslSecretArn: eslSecret }),
  };
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
