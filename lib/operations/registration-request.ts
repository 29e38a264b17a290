/**
 * What the deployment's custom resources hand to the registrar. It travels as one JSON string (`Request`), because
 * CloudFormation turns every number and boolean of a custom resource's properties into text.
 */
import type { TagSelector } from '../config/model';
import type { DatabaseTopology, Policy } from '../domain/model';

export interface RegistrationRequest {
  /** Hash over configuration and code: observers of another version give way. */
  version: string;
  cluster: string;
  region: string;
  /** Value of the ownership tag that EIPs, nodes and TXT records of this deployment carry. */
  owner: string;
  /** Zones of the observers. */
  observers: string[];
  nodes: {
    id: string;
    zone: string;
    eslPort: number;
    /** The replacement guard's hash of a created node; null for an adopted one. */
    fingerprint: string | null;
    /** Login role in the shared database; null where the cluster has none. */
    databaseRole: string | null;
    instance: { id: string } | { tag: TagSelector };
  }[];
  vips: {
    id: string;
    elasticIp: { allocationId: string } | { tag: TagSelector } | null;
    privateDns: { zoneId: string; name: string; ttlS: number } | null;
    profiles: string[];
    sipPort: number;
    candidates: string[];
    /** Those of them that only an operator may choose. */
    manualOnly: string[];
    serviceAddress: string | null;
    group: string | null;
  }[];
  policy: Policy;
  /** null: calls are not recovered. */
  database: DatabaseTopology | null;
  /** Zone -> name of the node-control function there. */
  nodeControl: Record<string, string>;
  /** Functions to wake once registered, so that watching starts (or the new version takes over) at once. */
  kick: { functionName: string; payload: unknown }[];
}

/** Asked before nodes change: a deployment that would replace a holder is refused. */
export interface ReplacementGuardRequest {
  /** Per node id a hash over everything whose change makes CloudFormation replace the instance. */
  nodes: Record<string, string>;
}

/** `ResourceProperties` of both custom resources. */
export type RegistrarProperties =
  { action: 'register'; request: string } | { action: 'guard-replacement'; request: string };
