/** What a team needs to put a cluster into a CDK application of its own. */
export type * from './config/model';
export { loadConfig } from './config/load';
export { deployAsStacks } from './infra/stacks';
export {
  buildCluster,
  UnderstudyCluster,
  type ClusterOptions,
  type ClusterParts,
  type ClusterScopes,
} from './infra/understudy-cluster';
export { ClusterDashboard, type ClusterDashboardProps } from './infra/dashboard';
export { ClusterNetwork, type ClusterNetworkProps } from './infra/network/cluster-network';
export { ClusterNodes, type ClusterNodesProps } from './infra/nodes/cluster-nodes';
export { ClusterState, type ClusterStateProps } from './infra/state/cluster-state';
export { ControlPlane, type ControlPlaneProps } from './infra/control-plane/control-plane';
export { Paging, type MissingData, type PagingAlarmProps, type RunbookAnchor } from './infra/paging';
