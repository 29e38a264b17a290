/** What the operations need of AWS: one interface an adapter. */

export interface EipAssociation {
  associationId: string;
  networkInterfaceId: string;
  privateAddress: string;
  instanceId: string | null;
}

export interface ElasticIps {
  /** `association: null` when it is free. Throws ForeignOwner when the tag names another deployment. */
  read(
    allocationId: string,
  ): Promise<{ association: EipAssociation | null; owner: string | null; epoch: number | null }>;
  /** Which address, if any, already sits on this private address. */
  readByPrivateAddress(networkInterfaceId: string, privateAddress: string): Promise<{ allocationId: string } | null>;
  /** Both answers count the same: that association is gone. */
  detach(associationId: string): Promise<'detached' | 'already-gone'>;
  /** With AllowReassociation=false: `taken` when it is associated elsewhere. */
  attach(target: {
    allocationId: string;
    networkInterfaceId: string;
    privateAddress: string;
  }): Promise<'attached' | 'taken'>;
  /** Claims ownership and records the epoch as tags. */
  tag(allocationId: string, tags: { owner: string; epoch: number }): Promise<void>;
  /** Takes our tags off again: the cluster was deleted, the address may outlive it. */
  release(allocationId: string): Promise<void>;
}

export interface DnsRecord {
  /** None when the A record was taken away and our TXT left: its epoch and owner still count. */
  addresses: string[];
  ttlS: number;
  /** Of the TXT record beside it; null when there is none or it is not ours. */
  epoch: number | null;
  owner: string | null;
}

export interface Dns {
  /** Throws ResourceGone when the zone does not exist (any more). */
  read(zoneId: string, name: string): Promise<DnsRecord | null>;
  /**
   * DELETE old (exact) + CREATE new, A and TXT in one change batch. `stale` when the old one was not there any more.
   * Throws ForeignOwner or OutsideRefused when what stands at the name, or a zone that is gone, keeps ours out.
   */
  swap(zoneId: string, name: string, old: DnsRecord | null, next: DnsRecord): Promise<'changed' | 'stale'>;
  /** `changed` also when the record, or its zone, is gone. */
  remove(zoneId: string, name: string, old: DnsRecord): Promise<'changed' | 'stale'>;
}

export interface InstanceView {
  instanceId: string;
  state: string;
  owner: string | null;
}

export interface Instances {
  describe(instanceIds: string[]): Promise<InstanceView[]>;
  /** StopInstances with Force and SkipOsShutdown: a graceful stop would send BYEs and delete rows by uuid. */
  forceStop(instanceId: string): Promise<void>;
  /** StartInstances: what was stopped comes up on other hardware, with its private addresses. */
  start(instanceId: string): Promise<void>;
  tagOwner(instanceId: string, owner: string): Promise<void>;
  /** Takes the ownership tag off again: the cluster was deleted, an adopted node outlives it. */
  releaseOwner(instanceId: string): Promise<void>;
}

export type ResourceSelector = { id: string } | { tag: { key: string; value: string } };

export interface InstanceFacts {
  instanceId: string;
  zone: string;
  state: string;
  owner: string | null;
  networkInterfaceId: string;
  primaryAddress: string;
  /** In the order in which EC2 lists them. */
  secondaryAddresses: string[];
}

export interface ElasticIpFacts {
  allocationId: string;
  publicIp: string;
  owner: string | null;
  epoch: number | null;
  association: EipAssociation | null;
}

/** What exists, for registration. Throws OutsideRefused unless exactly one resource matches, naming tag and matches. */
export interface Inventory {
  findInstance(selector: ResourceSelector): Promise<InstanceFacts>;
  findElasticIp(selector: ResourceSelector): Promise<ElasticIpFacts>;
}

export interface PageMessage {
  /** At most 100 characters: SNS and phones cut there. */
  subject: string;
  body: string;
  attributes: Record<string, string>;
}
export interface Pager {
  page(message: PageMessage): Promise<void>;
}

/** Invokes observers or the failover function without waiting for their end. */
export interface Kicker {
  kick(functionName: string, payload: unknown): Promise<void>;
}
