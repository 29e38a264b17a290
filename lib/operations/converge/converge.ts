/**
 * Drives reality to the recorded state: one journal, one converger at a time, step after step. It may be killed
 * anywhere and run again, and run twice at once; a stale one stops at the next epoch check.
 */
import { describeError } from '../../domain/errors';
import type { CallsLedger, StepName, StepRecord, Topology, Transition } from '../../domain/model';
import { LATER_STEPS, closingSteps, isSettled, waitingSteps, waitsForName } from '../../domain/transition';
import { earlierInChain, orderedBefore } from '../chain';
import { DEFAULT_TIMING, Superseded, type ConvergeDeps, type ConvergeTiming, type StepContext } from './context';
import { countMeanwhile } from './count-meanwhile';
import { mayGoOn } from './guard';
import { firstCount } from './ledger';
import { pageWhenLate } from './late-page';
import { noteLostOrder } from './lost-order';
import { isLate, tellIfOverdue } from './overdue';
import { runSteps, type StepRun, type Working } from './run-steps';
import { tellWithoutTarget, topologyWithTarget } from './without-target';

export type ConvergeOutcome =
  { outcome: 'done' | 'open' | 'stuck' | 'superseded'; transition: Transition } | { outcome: 'busy' | 'absent' };

/** Converges one journal. Throws only what the store throws before any work began. */
export async function convergeTransition(
  deps: ConvergeDeps,
  topology: Topology,
  vipId: string,
  epoch: number,
  timing: ConvergeTiming = DEFAULT_TIMING,
): Promise<ConvergeOutcome> {
  const found = await deps.store.readTransition(vipId, epoch);
  if (found === null) return { outcome: 'absent' };
  if (!needsWork(found)) return settledOutcome(found);
  const owner = deps.random.id();
  const lease = await takeLease(deps, found, owner, timing);
  if (lease === null) return { outcome: 'busy' };
  const { taken } = lease;
  if (!needsWork(taken)) {
    await deps.store.releaseTransitionLease(taken.id, owner);
    return settledOutcome(taken);
  }
  const renewal = new AbortController();
  const renewing = renewLease(deps, taken.id, owner, timing, renewal.signal);
  try {
    return await work(deps, topology, lease, owner, timing);
  } finally {
    renewal.abort();
    await renewing;
    await deps.store.releaseTransitionLease(taken.id, owner).catch((error: unknown) => {
      deps.log.warn(`lease of ${taken.id} not released: it runs out by itself`, { error: describeError(error) });
    });
  }
}

function needsWork(transition: Transition): boolean {
  if (transition.status === 'open') return true;
  if (transition.status !== 'done') return false;
  return LATER_STEPS.some((step) => !isSettled(transition.steps[step]));
}

function settledOutcome(transition: Transition): ConvergeOutcome {
  return { outcome: transition.status === 'open' ? 'done' : transition.status, transition };
}

interface Lease {
  taken: Transition;
  /** Whoever had it before did not give it back, as far as is known: killed, it wrote down no answer that came since. */
  wasLeft: boolean;
}

/** Waits out a killed predecessor's lease; gives up when a living one keeps renewing its own. */
async function takeLease(
  deps: ConvergeDeps,
  found: Transition,
  owner: string,
  timing: ConvergeTiming,
): Promise<Lease | null> {
  const deadlineMs = deps.clock.monotonicMs() + timing.leaseMs + 1_000;
  for (let wasLeft = found.lease !== null; ; wasLeft = true) {
    const nowMs = deps.clock.wallMs();
    const taken = await deps.store.takeTransitionLease(found.id, owner, nowMs, nowMs + timing.leaseMs);
    if (taken !== null) return { taken, wasLeft };
    if (deps.clock.monotonicMs() >= deadlineMs) return null;
    await deps.clock.sleep(timing.leaseMs * (0.1 + 0.1 * deps.random.next()));
  }
}

async function renewLease(
  deps: ConvergeDeps,
  id: string,
  owner: string,
  timing: ConvergeTiming,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await deps.clock.sleep(timing.leaseMs / 3, signal);
    if (signal.aborted) return;
    const nowMs = deps.clock.wallMs();
    await deps.store.takeTransitionLease(id, owner, nowMs, nowMs + timing.leaseMs).catch((error: unknown) => {
      deps.log.warn(`lease of ${id} not renewed`, { error: describeError(error) });
    });
  }
}

async function work(
  deps: ConvergeDeps,
  read: Topology,
  { taken: transition, wasLeft }: Lease,
  owner: string,
  timing: ConvergeTiming,
): Promise<ConvergeOutcome> {
  const topology = transition.status === 'open' ? await topologyWithTarget(deps, read, transition) : read;
  if (topology === null) {
    const mayBeLeft = await tellWithoutTarget(deps, read, transition);
    if (mayBeLeft) await deps.store.closeTransition(transition.id, owner, 'stuck', transition.to, deps.clock.wallMs());
    return { outcome: 'stuck', transition };
  }
  const run: StepRun = { records: { ...transition.steps }, needsHuman: null, superseded: false, metPause: false };
  const context = await contextOf(deps, topology, transition, run, timing, (calls) =>
    deps.store.recordCalls(transition.id, owner, calls, deps.clock.wallMs() + timing.leaseMs),
  );
  const deadlineMs = deps.clock.monotonicMs() + timing.budgetMs;
  const record = (step: StepName, next: StepRecord): Promise<boolean> =>
    deps.store.recordStep(transition.id, owner, step, next, deps.clock.wallMs() + timing.leaseMs);
  const current = (): Transition => ({ ...context.transition, steps: run.records });
  if (wasLeft) await noteLostOrder(context, run.records, record);

  const finished = new AbortController();
  const working: Working = { context, current, run, record, signal: finished.signal };
  const latePage = pageWhenLate(working);
  const hasElasticIp = context.vip.elasticIp !== null;
  const counted = transition.status === 'open' ? countMeanwhile(working) : null;
  // Without a public address nothing can be taken away: the stop of the old node may be the only fence there is.
  const wanted: readonly StepName[] = [...closingSteps(hasElasticIp), ...(hasElasticIp ? [] : ['stop' as const])];
  const beside: readonly StepName[] = hasElasticIp ? ['lock', 'dns'] : ['lock', 'restore'];
  await runSteps(context, run, wanted, deadlineMs, record, transition.status === 'done' ? [] : beside);
  finished.abort();
  await Promise.all([latePage, counted]);
  if (run.superseded) return { outcome: 'superseded', transition: current() };
  const waiting = waitingSteps(current(), hasElasticIp);
  if (waiting.length > 0) return incomplete(context, current(), run, owner, waiting);

  const holder = await learnHolder(context);
  const nowMs = deps.clock.wallMs();
  if (transition.status !== 'done') {
    const closed = await deps.store.closeTransition(transition.id, owner, 'done', holder, nowMs);
    if (!closed) return { outcome: 'superseded', transition: current() };
    const servedAtMs = run.records.verify.finishedAtMs ?? nowMs;
    deps.metrics.durationMs('RecoverMs', servedAtMs - transition.detectedAtMs, { kind: transition.kind });
    deps.metrics.durationMs('DetectMs', transition.decidedAtMs - transition.detectedAtMs, { kind: transition.kind });
    deps.log.info(`${transition.id} is done`, { recoverMs: servedAtMs - transition.detectedAtMs });
  }
  await firstCount(context, timing.lookAtCallsEveryMs);
  context.transition = current();
  await runSteps(context, run, ['notify'], deadlineMs, record);
  // One try per run: EC2 takes minutes, the last count is due 36 s after the recovery, and the schedule comes back.
  const others = LATER_STEPS.filter((step) => step !== 'ledger');
  // While the ledger rests for its last look, the old node is seen to: its standby does not wait for a count.
  await runSteps(context, run, ['ledger'], deps.clock.monotonicMs(), record, others, Number.POSITIVE_INFINITY);
  if (!isSettled(run.records.dns)) await tellIfOverdue(context, current(), run, ['dns']);
  return { outcome: 'done', transition: current() };
}

/** Everything that the steps of one journal need. Throws Superseded when the topology does not know its target. */
export async function contextOf(
  deps: ConvergeDeps,
  topology: Topology,
  transition: Transition,
  run: Pick<StepRun, 'records'>,
  timing: ConvergeTiming,
  recordCalls: (calls: CallsLedger) => Promise<boolean> = () => Promise.resolve(false),
): Promise<StepContext> {
  const vip = topology.vips.find((each) => each.id === transition.vipId);
  const to = topology.nodes.find((each) => each.id === transition.to.nodeId);
  const targetAddress = to?.vipAddresses[transition.vipId];
  if (vip === undefined || to === undefined || targetAddress === undefined) {
    throw new Superseded(
      `${transition.id} moves ${transition.vipId} to ${transition.to.nodeId}, which the deployed topology does not know: ` +
        'deploy the cluster again with that node, or move the VIP by switchover',
    );
  }
  const earlier = await earlierInChain(deps.store, transition);
  const context: StepContext = {
    deps,
    timing,
    topology,
    vip,
    transition,
    earlier,
    to,
    servingCoreUuid: null,
    seen: null,
    heard: null,
    targetAddress,
    guard: () => mayGoOn(context),
    proofOf: (step) => (isSettled(run.records[step]) ? (run.records[step].proof ?? 'settled') : null),
    statusOf: (step) => run.records[step].status,
    ordered: () => run.records.recover.ordered ?? orderedBefore(earlier, transition),
    timesOf: (step) => run.records[step],
    keepCalls: async (calls) => {
      if (!(await recordCalls(calls))) throw new Superseded(`${transition.id} is worked on by another`);
      context.transition = { ...context.transition, calls };
    },
  };
  return context;
}

/**
 * The incarnation that serves may be younger than the one that was chosen: what verification read is the truth. When
 * a predecessor verified and was killed before it closed, the core_uuid is asked for once more.
 */
async function learnHolder(context: StepContext): Promise<Transition['to']> {
  if (context.servingCoreUuid !== null) return { nodeId: context.to.id, coreUuid: context.servingCoreUuid };
  const check = await context.deps.nodeControl.check(context.to, context.vip, context.timing.nodeTimeoutMs);
  const coreUuid = check.serving && check.coreUuid !== null ? check.coreUuid : context.transition.to.coreUuid;
  return { nodeId: context.to.id, coreUuid };
}

async function incomplete(
  context: StepContext,
  transition: Transition,
  run: StepRun,
  owner: string,
  waiting: readonly StepName[],
): Promise<ConvergeOutcome> {
  if (!(await tellIfOverdue(context, transition, run, waiting))) return { outcome: 'open', transition };
  // What waits for the name alone is tried for as long as it takes.
  const onlyName = waitsForName(waiting) && run.needsHuman === null;
  if (isLate(context, transition, run, waiting) && !onlyName && transition.status === 'open') {
    const nowMs = context.deps.clock.wallMs();
    await context.deps.store.closeTransition(transition.id, owner, 'stuck', transition.to, nowMs);
  }
  return { outcome: 'stuck', transition };
}
