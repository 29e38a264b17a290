/** What every step of a convergence gets, and the words it answers with. */
import { UnderstudyError } from '../../domain/errors';
import type {
  CallsLedger,
  NodeTopology,
  Ordered,
  StepName,
  StepRecord,
  Topology,
  Transition,
  VipTopology,
} from '../../domain/model';
import type {
  Clock,
  Dns,
  EipAssociation,
  ElasticIps,
  Instances,
  Log,
  Metrics,
  NodeControl,
  Pager,
  Random,
  StateStore,
} from '../../domain/ports';

export interface ConvergeDeps {
  store: StateStore;
  elasticIps: ElasticIps;
  dns: Dns;
  instances: Instances;
  nodeControl: NodeControl;
  pager: Pager;
  clock: Clock;
  random: Random;
  metrics: Metrics;
  log: Log;
  /** Where the page sends its reader. */
  runbookUrl: string;
  /** The cluster's table, for the commands that a page tells its reader to type. */
  table: string;
}

/** Durations of a convergence, in milliseconds. */
export interface ConvergeTiming {
  /** One converger's claim on a journal; renewed while it works. A killed one blocks its successor this long. */
  leaseMs: number;
  /** How long one invocation goes on trying. */
  budgetMs: number;
  /** So long after the decision one rests for a later look at the calls: a failover function lives for 120 s. */
  restWithinMs: number;
  /** The page goes out this long after the decision whatever the state (DESIGN 2.4). */
  pageAfterMs: number;
  /** After this long an open transition is called stuck and a human is told which step. */
  stuckAfterMs: number;
  /** Deadline of one order to a node. */
  nodeTimeoutMs: number;
  /** Deadline of one order to the database: new calls wait for the first answer to it. */
  databaseTimeoutMs: number;
  /** Deadline of a whole recovery. FACTS 7.3: 1.1 s for 400 legs, 13.5 s for 1000 on a host without headroom. */
  recoverTimeoutMs: number;
  /** How long the promotion waits for the recovery that comes before it. */
  recoverPatienceMs: number;
  /** How long verification waits for the private name where callers have a public address too. */
  namePatienceMs: number;
  /** How long a VIP whose recovery could start waits for others of its group. */
  partnerPatienceMs: number;
  /** Between two looks at the calls in the first five seconds. */
  lookAtCallsEveryMs: number;
}

export const DEFAULT_TIMING: ConvergeTiming = {
  leaseMs: 5_000,
  budgetMs: 90_000,
  restWithinMs: 80_000,
  pageAfterMs: 60_000,
  stuckAfterMs: 600_000,
  nodeTimeoutMs: 3_000,
  databaseTimeoutMs: 2_000,
  recoverTimeoutMs: 25_000,
  recoverPatienceMs: 20_000,
  namePatienceMs: 5_000,
  partnerPatienceMs: 5_000,
  lookAtCallsEveryMs: 1_000,
};

export type StepResult = { done: true; proof: string } | { done: false; why: string; ordered?: Ordered | null };

/** Where the Elastic IP is, and which one sits on the address it shall come to. */
export interface AddressLook {
  association: EipAssociation | null;
  occupant: { allocationId: string } | null;
}

export interface StepContext {
  deps: ConvergeDeps;
  timing: ConvergeTiming;
  topology: Topology;
  vip: VipTopology;
  transition: Transition;
  /** Earlier journals of the same chain of retargetings, oldest first. */
  earlier: Transition[];
  to: NodeTopology;
  /** The incarnation that verification saw serving; null until then. */
  servingCoreUuid: string | null;
  /** What detaching has just seen and left behind, for the attach right after it; used once. */
  seen: AddressLook | null;
  /** Why a planned move that has taken nothing must not begin, null where it may; asked in this run, or not yet. */
  heard: Promise<string | null> | null;
  /** The VIP's own address on the new holder. */
  targetAddress: string;
  /** Re-reads the epoch; throws Superseded when a newer decision exists, Paused when a human said stop. Called before each mutation. */
  guard(): Promise<void>;
  /** The proof of another step of this journal, as far as this run knows; null while it is not settled. */
  proofOf(step: StepName): string | null;
  /** As far as this run knows. */
  statusOf(step: StepName): StepRecord['status'];
  /** The calls that an earlier attempt told, or may have told, the new holder to rebuild, of which nobody heard. */
  ordered(): Ordered | null;
  /** When the step was first tried, and when it was done: milliseconds of wall time; null before that. */
  timesOf(step: StepName): Pick<StepRecord, 'startedAtMs' | 'finishedAtMs'>;
  /** Journals the survival ledger, and keeps it in `transition`. Throws Superseded when the journal is not ours now. */
  keepCalls(calls: CallsLedger): Promise<void>;
}

export type Step = (context: StepContext) => Promise<StepResult>;

/** A newer epoch exists, or the journal is another converger's: this one must not touch anything more. */
export class Superseded extends UnderstudyError {
  override readonly name = 'Superseded';
}

/** A human said stop: nothing is touched until they resume, not even half-way (DESIGN invariant 8). */
export class Paused extends UnderstudyError {
  override readonly name = 'Paused';

  /** @param keepsFromWatch a planned move holds a VIP that is served, and is failed over by nobody while it is open */
  constructor(
    message: string,
    readonly keepsFromWatch = false,
  ) {
    super(message);
  }
}

export function done(proof: string): StepResult {
  return { done: true, proof };
}

/** @param ordered what a later attempt, of this run or another, has to know; null: nothing any more. Left out: as before */
export function notYet(why: string, ordered?: Ordered | null): StepResult {
  return { done: false, why, ...(ordered !== undefined && { ordered }) };
}

/** An old holder that the topology does not have can be neither ended nor locked, and may live on all the same. */
export function whyUnknown(nodeId: string): string {
  return (
    `the deployed topology does not have ${nodeId}, whose process may live on: deploy the cluster with it again ` +
    '(once its instance is stopped for good, with another one under its id)'
  );
}

/** The old holders of these ids, and for each that the topology does not have the answer of a step that needs it. */
export function oldNodes(
  { topology, to }: Pick<StepContext, 'topology' | 'to'>,
  nodeIds: readonly string[],
): { nodes: NodeTopology[]; unknown: StepResult[] } {
  const ids = [...new Set(nodeIds)].filter((id) => id !== to.id);
  const nodes = topology.nodes.filter((node) => ids.includes(node.id));
  const missing = ids.filter((id) => !nodes.some((node) => node.id === id));
  return { nodes, unknown: missing.map((id) => notYet(whyUnknown(id))) };
}
