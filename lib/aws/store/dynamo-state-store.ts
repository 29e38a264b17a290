/** The StateStore on one DynamoDB table. Each group of items has its own file; this one only puts them together. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Log, StateStore } from '../../domain/ports';
import type { OutsideCalls } from '../call';
import { Adoption } from './adoption';
import { ClusterItems } from './cluster';
import { DecisionWriter } from './decision';
import { Evidence } from './evidence';
import { Incidents } from './incidents';
import { Journals } from './journals';
import { Table } from './table';

/** Every method may throw OutsideTimeout, OutsideRefused (see `call.ts`) and MalformedItem. */
export class DynamoStateStore implements StateStore {
  private readonly adoption: Adoption;
  private readonly cluster: ClusterItems;
  private readonly decisions: DecisionWriter;
  private readonly evidence: Evidence;
  private readonly journals: Journals;
  private readonly incidents: Incidents;

  constructor(options: { client: DynamoDBClient; tableName: string; calls: OutsideCalls; log: Log }) {
    const table = new Table(options.client, options.tableName, options.calls);
    this.adoption = new Adoption(table);
    this.cluster = new ClusterItems(table, options.log);
    this.decisions = new DecisionWriter(table);
    this.evidence = new Evidence(table);
    this.journals = new Journals(table, options.log);
    this.incidents = new Incidents(table, options.log);
  }

  readCluster: StateStore['readCluster'] = () => this.cluster.read();
  readTopology: StateStore['readTopology'] = () => this.cluster.readTopology();
  putTopology: StateStore['putTopology'] = (topology) => this.cluster.putTopology(topology);
  adoptEpoch: StateStore['adoptEpoch'] = (vipId, epoch, nowMs) => this.adoption.adoptEpoch(vipId, epoch, nowMs);
  ensureItems: StateStore['ensureItems'] = (topology, initial) => this.cluster.ensure(topology, initial);
  setPaused: StateStore['setPaused'] = (subject, paused, reason, untilMs = null) =>
    this.cluster.setPaused(subject, paused, reason, untilMs);
  setLockedOut: StateStore['setLockedOut'] = (nodeId, lockedBy) => this.cluster.setLockedOut(nodeId, lockedBy);
  acknowledge: StateStore['acknowledge'] = (vipId, nowMs) => this.cluster.acknowledge(vipId, nowMs);
  learnHolderCoreUuid: StateStore['learnHolderCoreUuid'] = (vipId, epoch, coreUuid) =>
    this.cluster.learnHolderCoreUuid(vipId, epoch, coreUuid);

  putObservation: StateStore['putObservation'] = (observation, nowMs) =>
    this.evidence.putObservation(observation, nowMs);
  putInstanceEvidence: StateStore['putInstanceEvidence'] = (evidence, inPlaceOf) =>
    this.evidence.putInstance(evidence, inPlaceOf);
  takeObserverLease: StateStore['takeObserverLease'] = (lease, mayTake) => this.evidence.takeLease(lease, mayTake);

  decide: StateStore['decide'] = (write) => this.decisions.decide(write);

  readTransition: StateStore['readTransition'] = (vipId, epoch) => this.journals.read(vipId, epoch);
  listUnfinishedTransitions: StateStore['listUnfinishedTransitions'] = () => this.journals.listUnfinished();
  takeTransitionLease: StateStore['takeTransitionLease'] = (id, owner, nowMs, untilMs) =>
    this.journals.takeLease(id, owner, nowMs, untilMs);
  recordStep: StateStore['recordStep'] = (id, owner, step, record, leaseUntilMs) =>
    this.journals.recordStep(id, owner, step, record, leaseUntilMs);
  recordCalls: StateStore['recordCalls'] = (id, owner, calls, leaseUntilMs) =>
    this.journals.recordCalls(id, owner, calls, leaseUntilMs);
  releaseTransitionLease: StateStore['releaseTransitionLease'] = (id, owner) => this.journals.releaseLease(id, owner);
  closeTransition: StateStore['closeTransition'] = (id, owner, status, holder, nowMs) =>
    this.journals.close(id, owner, status, holder, nowMs);
  readStanding: StateStore['readStanding'] = (...asked) => this.journals.readStanding(...asked);

  raiseIncident: StateStore['raiseIncident'] = (incident) => this.incidents.raise(incident);
  listUnnotifiedIncidents: StateStore['listUnnotifiedIncidents'] = () => this.incidents.listUnnotified();
  markIncidentNotified: StateStore['markIncidentNotified'] = (incident, nowMs) =>
    this.incidents.markNotified(incident, nowMs);
  clearIncident: StateStore['clearIncident'] = (kind, subject, nowMs) => this.incidents.clear(kind, subject, nowMs);
  audit: StateStore['audit'] = (event) => this.incidents.audit(event);
}
