import { Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../../config/model';
import type { InterfaceScope, VipName } from '../functions/address-permissions';
import { distinct, TAGS, zoneLetter } from '../naming';
import type { ClusterDatabase } from '../data/cluster-database';
import type { ClusterNetwork } from '../network/cluster-network';
import type { ClusterNodes } from '../nodes/cluster-nodes';
import type { ClusterState } from '../state/cluster-state';
import { FailoverFunction } from './failover-function';
import { InstanceEvidenceWriter } from './instance-evidence';
import { NodeControlFunction } from './node-control-function';
import { watchObservers } from './observation-alarms';
import { ObserverFunction } from './observer-function';
import { Registration } from './registration';
import { deploymentVersion } from './version';

export interface ControlPlaneProps {
  config: ClusterConfig;
  network: ClusterNetwork;
  state: ClusterState;
  nodes: ClusterNodes;
  /** null: the cluster has none. */
  database: ClusterDatabase | null;
  /** How long one invocation of an observer watches, in milliseconds. For tests; default: as long as Lambda lets it. */
  observerLifetimeMs?: number;
}

/** The functions that watch, decide and act, what wakes them, and the registration that sets them to work. */
export class ControlPlane extends Construct {
  readonly observers: ObserverFunction[];
  readonly nodeControls: NodeControlFunction[];
  readonly failover: FailoverFunction;
  readonly evidence: InstanceEvidenceWriter;
  readonly registration: Registration;
  /** Hash over configuration and code. */
  readonly version: string;

  constructor(scope: Construct, id: string, props: ControlPlaneProps) {
    super(scope, id);
    const { config, network, state, nodes, database } = props;
    const cluster = config.id;
    const adopts = config.nodes.some((node) => node.source === 'adopt');
    const interfaces: InterfaceScope = {
      ofCreatedNodes: nodes.created.size > 0,
      adoptedInVpc: adopts ? network.vpc.vpcId : null,
    };
    const names: VipName[] = config.vips.flatMap(({ privateDns }) =>
      privateDns === null ? [] : [{ zoneId: nodes.names.privateZoneId(privateDns), name: privateDns.name }],
    );

    this.observers = config.observerZones.map(
      (zone, index) =>
        new ObserverFunction(this, `Observer${zoneLetter(zone)}`, {
          cluster,
          zone,
          index,
          network,
          state,
          database,
          lifetimeMs: props.observerLifetimeMs,
        }),
    );
    watchObservers(this, state.paging);
    // Also where no node is: from there a pair is reached while its own zones are cut off, and seen from outside of them.
    this.nodeControls = distinct([...config.observerZones, ...config.nodes.map((node) => node.zone)]).map(
      (zone) =>
        new NodeControlFunction(this, `NodeControl${zoneLetter(zone)}`, { cluster, zone, network, state, database }),
    );
    this.failover = new FailoverFunction(this, 'Failover', {
      config,
      state,
      nodeControls: this.nodeControls,
      interfaces,
      names,
    });
    this.evidence = new InstanceEvidenceWriter(this, 'InstanceEvidence', {
      cluster,
      state,
      instanceIds: adopts ? null : [...nodes.created.values()].map((node) => node.instance.ref),
      statusAlarms: [...nodes.created.values()].map((node) => node.statusAlarm),
    });

    this.version = this.stampVersion(config);
    this.registration = new Registration(this, 'Registration', {
      config,
      version: this.version,
      state,
      nodes,
      database,
      observers: this.observers,
      nodeControls: this.nodeControls,
      failover: this.failover,
      interfaces,
      names,
    });
    Tags.of(this).add(TAGS.cluster, cluster);
  }

  /** Only when all functions are there is their code known, and only then can they be told its hash. */
  private stampVersion(config: ClusterConfig): string {
    const stamped = [...this.observers.map((each) => each.watcher), this.failover.converger];
    const all = [...stamped, ...this.nodeControls.map((each) => each.controller), this.evidence.writer];
    const version = deploymentVersion(
      config,
      all.map((each) => each.codeHash),
    );
    for (const each of stamped) each.function.addEnvironment('UNDERSTUDY_VERSION', version);
    return version;
  }
}
