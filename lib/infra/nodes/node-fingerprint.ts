import { createHash } from 'node:crypto';
import type { ClusterConfig, CreatedNodeConfig } from '../../config/model';
import { userData } from '../../freeswitch/host/user-data';
import { hostSettings, nodeIdentity, vipsOf, type LateValues } from './node-settings';

/** Root device of Amazon Linux 2023 and of Debian's images. */
export const ROOT_DEVICE = '/dev/xvda';

/**
 * Id of the node's interface: another one whenever another image or volume replaces the instance. An interface serves
 * one instance at a time, and CloudFormation makes the new instance before it ends the old one: with the same interface
 * EC2 would refuse it (InvalidNetworkInterface.InUse). Another subnet replaces the interface by itself.
 */
export function interfaceId({ imageId, volumeGiB }: CreatedNodeConfig): string {
  return `Interface${sha256({ imageId, volumeGiB, rootDevice: ROOT_DEVICE }).slice(0, 8)}`;
}

const sha256 = (content: object): string => createHash('sha256').update(JSON.stringify(content)).digest('hex');

/**
 * A hash over everything of a created node whose change makes CloudFormation replace the instance or stop it: image,
 * type, zone, subnet, volume and user data (AWS::EC2::Instance, "Update requires: Replacement" and "Some
 * interruptions"; a change of type or user data stops and starts the instance, which is as hard on calls).
 *
 * It is made of the configuration, not of the template, so that it is known while the template is being made. What a
 * node fetches at its boot is no part of it: another content stops no instance.
 */
export function nodeFingerprint(config: ClusterConfig, node: CreatedNodeConfig): string {
  const { network } = config;
  const subnet =
    network.source === 'create'
      ? { cidr: network.cidr }
      : { vpc: network.vpcId, subnet: network.zones[node.zone]?.nodeSubnetId };
  const content = {
    imageId: node.imageId,
    instanceType: node.instanceType,
    zone: node.zone,
    subnet,
    volumeGiB: node.volumeGiB,
    rootDevice: ROOT_DEVICE,
    // Also when another version of ours names it otherwise.
    interface: interfaceId(node),
    userData: userData(hostSettings(config, node, standIns(config, node)), nodeIdentity(config, node)),
  };
  return sha256(content);
}

/** References have no value yet: what they refer to stands in their place. */
function standIns(config: ClusterConfig, node: CreatedNodeConfig): LateValues {
  const { database, eslSecret } = config;
  return {
    eslSecretArn: eslSecret.source === 'existing' ? eslSecret.arn : 'created',
    secondaryAddresses: vipsOf(config, node.id).map((_, index) => `secondary-${index}`),
    elasticIp: (vipId) => `elastic-ip-${vipId}`,
    database:
      database.source === 'none'
        ? null
        : {
            host: database.source === 'existing' ? database.host : 'created',
            port: database.source === 'existing' ? String(database.port) : 'created',
            name: database.name,
            tls: database.tls,
            secretArn: 'created',
          },
    contentParameter: 'created',
    logGroup: 'created',
  };
}
