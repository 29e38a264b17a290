import { Construct } from 'constructs';
import type { ClusterConfig } from '../config/model';
import { ControlPlane } from './control-plane/control-plane';
import { ClusterDashboard } from './dashboard';
import { ClusterDatabase } from './data/cluster-database';
import { ClusterNetwork } from './network/cluster-network';
import { ClusterNodes } from './nodes/cluster-nodes';
import { ClusterState } from './state/cluster-state';

/** Where the runbook is when nobody says otherwise: in the repository. */
export const DEFAULT_RUNBOOK = 'docs/runbook.md';

export interface ClusterOptions {
  config: ClusterConfig;
  /** Where `docs/runbook.md` can be opened; it stands in every page. Default: its path in the repository. */
  runbookUrl?: string | undefined;
  /** How long one invocation of an observer watches, in milliseconds. For tests. */
  observerLifetimeMs?: number | undefined;
  /** Id of the region's prefix list `com.amazonaws.<region>.dynamodb`; narrows one egress rule of the functions. */
  dynamoDbPrefixListId?: string | undefined;
}

/** Scopes for the parts of a cluster: six stacks, or one construct of somebody's own stack. */
export interface ClusterScopes {
  network: Construct;
  state: Construct;
  /** Stays empty where the cluster has no database. */
  data: Construct;
  nodes: Construct;
  controlPlane: Construct;
  observability: Construct;
}

export interface ClusterParts {
  network: ClusterNetwork;
  state: ClusterState;
  /** null: the cluster has none, and calls are not recovered. */
  database: ClusterDatabase | null;
  nodes: ClusterNodes;
  controlPlane: ControlPlane;
}

/** Builds a cluster part by part, each from those before it: this is the architecture diagram. */
export function buildCluster(scopes: ClusterScopes, options: ClusterOptions): ClusterParts {
  const { config, observerLifetimeMs, dynamoDbPrefixListId } = options;
  const network = new ClusterNetwork(scopes.network, 'Network', {
    config,
    ...(dynamoDbPrefixListId === undefined ? {} : { dynamoDbPrefixListId }),
  });
  const state = new ClusterState(scopes.state, 'State', { config, runbookUrl: options.runbookUrl ?? DEFAULT_RUNBOOK });
  const database =
    config.database.source === 'none'
      ? null
      : new ClusterDatabase(scopes.data, 'Database', { config, database: config.database, network, state });
  const nodes = new ClusterNodes(scopes.nodes, 'Nodes', { config, network, state, database });
  // FreeSWITCH spins at a database without tables: they are there before the first node boots.
  if (database !== null) nodes.node.addDependency(database.setup);
  const controlPlane = new ControlPlane(scopes.controlPlane, 'ControlPlane', {
    config,
    network,
    state,
    nodes,
    database,
    ...(observerLifetimeMs === undefined ? {} : { observerLifetimeMs }),
  });
  // The deletion of the registration takes addresses off nodes: nothing of the nodes may go before it.
  controlPlane.node.addDependency(nodes);
  new ClusterDashboard(scopes.observability, 'Observability', {
    cluster: config.id,
    state,
    database,
    nodes,
    controlPlane,
  });
  return { network, state, database, nodes, controlPlane };
}

/** A whole cluster inside a stack of your own. */
export class UnderstudyCluster extends Construct implements ClusterParts {
  readonly network: ClusterNetwork;
  readonly state: ClusterState;
  readonly database: ClusterDatabase | null;
  readonly nodes: ClusterNodes;
  readonly controlPlane: ControlPlane;

  constructor(scope: Construct, id: string, options: ClusterOptions) {
    super(scope, id);
    const scopes = { network: this, state: this, data: this, nodes: this, controlPlane: this, observability: this };
    const parts = buildCluster(scopes, options);
    this.network = parts.network;
    this.state = parts.state;
    this.database = parts.database;
    this.nodes = parts.nodes;
    this.controlPlane = parts.controlPlane;
  }
}
