import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import type { RegistrarProperties, RegistrationRequest } from '../../operations/registration-request';
import {
  claim,
  detachAddresses,
  lookAround,
  moveNames,
  type InterfaceScope,
  type VipName,
} from '../functions/address-permissions';
import { invoke, useTable } from '../functions/permissions';
import { UnderstudyFunction } from '../functions/understudy-function';
import type { ClusterDatabase } from '../data/cluster-database';
import { databaseRoleOf } from '../../domain/database-names';
import { ownerOf } from '../../domain/model';
import { required } from '../naming';
import type { ClusterNodes } from '../nodes/cluster-nodes';
import type { ClusterState } from '../state/cluster-state';
import type { FailoverFunction } from './failover-function';
import type { NodeControlFunction } from './node-control-function';
import type { ObserverEvent, ObserverFunction } from './observer-function';

export interface RegistrationProps {
  config: ClusterConfig;
  version: string;
  state: ClusterState;
  nodes: ClusterNodes;
  database: ClusterDatabase | null;
  observers: readonly ObserverFunction[];
  nodeControls: readonly NodeControlFunction[];
  failover: FailoverFunction;
  interfaces: InterfaceScope;
  names: readonly VipName[];
}

/**
 * The last thing made and the first thing deleted: tells the control plane what was deployed, and at a deletion pauses
 * the cluster, takes the addresses off and removes the private records, before the nodes go.
 */
export class Registration extends Construct {
  readonly registrar: UnderstudyFunction;

  constructor(scope: Construct, id: string, props: RegistrationProps) {
    super(scope, id);
    const { config, state } = props;
    this.registrar = new UnderstudyFunction(this, 'Registrar', {
      entry: 'registrar',
      description: `Understudy ${config.id}: registers the deployment, and takes it back`,
      memoryMb: 512,
      timeout: Duration.minutes(4),
      // CloudFormation gives up after `serviceTimeout` and asks for the old version: no later try may undo that.
      asynchronous: { retryAttempts: 0, maxEventAge: Duration.minutes(1) },
      environment: { UNDERSTUDY_TABLE: state.table.tableName, UNDERSTUDY_CLUSTER: config.id },
    });
    const owner = ownerOf(config.id);
    const awakened = [...props.observers.map((each) => each.watcher), props.failover.converger];
    this.registrar.allow(
      ...useTable(state.table, state.tableKey),
      lookAround(),
      ...claim(owner),
      ...detachAddresses(owner, props.interfaces),
      ...moveNames(props.names),
      invoke(awakened.map((each) => each.function)),
    );

    const properties: RegistrarProperties = {
      action: 'register',
      request: Stack.of(this).toJsonString(requestOf(props)),
    };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::UnderstudyRegistration',
      serviceToken: this.registrar.function.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties,
    });
    // Functions, schedules and trigger first: what is registered is watched from the first moment.
    resource.node.addDependency(props.failover, ...props.observers);
  }
}

function requestOf(props: RegistrationProps): RegistrationRequest {
  const { config, nodes } = props;
  return {
    version: props.version,
    cluster: config.id,
    region: config.region,
    owner: ownerOf(config.id),
    observers: config.observerZones,
    nodes: config.nodes.map((node) => ({
      id: node.id,
      zone: node.zone,
      eslPort: node.eslPort,
      fingerprint: nodes.fingerprints[node.id] ?? null,
      databaseRole: props.database === null ? null : databaseRoleOf(node.id),
      instance:
        node.source === 'adopt'
          ? { tag: node.tag }
          : { id: required(nodes.created.get(node.id), `node ${node.id}`).instance.ref },
    })),
    vips: config.vips.map((vip) => ({
      id: vip.id,
      elasticIp: elasticIpOf(vip, nodes),
      privateDns:
        vip.privateDns === null
          ? null
          : { zoneId: nodes.names.privateZoneId(vip.privateDns), name: vip.privateDns.name, ttlS: vip.privateDns.ttlS },
      profiles: vip.profiles,
      sipPort: vip.sipPort,
      candidates: vip.candidates,
      manualOnly: vip.manualOnly,
      serviceAddress: vip.serviceAddress,
      group: vip.group,
    })),
    policy: config.policy,
    database: props.database?.topology ?? null,
    nodeControl: Object.fromEntries(
      props.nodeControls.map(({ zone, controller }) => [zone, controller.function.functionName]),
    ),
    kick: [
      ...props.observers.map((each) => ({
        functionName: each.watcher.function.functionName,
        payload: { startDelayMs: 0 } satisfies ObserverEvent,
      })),
      { functionName: props.failover.converger.function.functionName, payload: { trigger: 'registration' } },
    ],
  };
}

function elasticIpOf(
  vip: ClusterConfig['vips'][number],
  nodes: ClusterNodes,
): RegistrationRequest['vips'][number]['elasticIp'] {
  switch (vip.elasticIp.source) {
    case 'none':
      return null;
    case 'adopt':
      return { tag: vip.elasticIp.tag };
    case 'create':
      return {
        allocationId: required(nodes.addresses.created.get(vip.id), `Elastic IP of VIP ${vip.id}`).attrAllocationId,
      };
  }
}
