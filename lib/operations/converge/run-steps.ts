/** Runs the steps of one journal, each as soon as what it needs is settled, each attempt journalled. */
import { ForeignOwner, OutsideRefused, describeError } from '../../domain/errors';
import type { Ordered, StepName, StepRecord, Transition } from '../../domain/model';
import { isSettled, lets, prerequisites } from '../../domain/transition';
import { attachAddress, detachAddress } from './address';
import { onceHeard } from './begin';
import { Paused, Superseded, type Step, type StepContext, type StepResult } from './context';
import { repointName } from './dns';
import { fenceOldHolder } from './fence';
import { closeLedger } from './ledger';
import { lockOldRole } from './lock';
import { sendPage } from './notify';
import { promoteTarget, verifyTarget } from './promote';
import { recoverCalls } from './recover';
import { restoreOldNodes } from './restore';
import { stopOldNode } from './stop';

const STEPS: Record<StepName, Step> = {
  fence: onceHeard(fenceOldHolder),
  detach: onceHeard(detachAddress),
  attach: attachAddress,
  dns: repointName,
  lock: onceHeard(lockOldRole),
  recover: recoverCalls,
  promote: promoteTarget,
  verify: verifyTarget,
  notify: sendPage,
  ledger: closeLedger,
  stop: onceHeard(stopOldNode),
  restore: restoreOldNodes,
};

/** First pause before a step is tried again, doubled up to the cap, with full jitter on the upper half. */
const RETRY_FIRST_MS = 100;
const RETRY_CAP_MS = 3_000;

export interface StepRun {
  records: Record<StepName, StepRecord>;
  /** A remedy only a human has: the step that meets it is not tried again in this run. */
  needsHuman: { step: StepName; why: string } | null;
  superseded: boolean;
  /** A human's pause held a step up, and nobody's callers are unwatched by that. */
  metPause: boolean;
}

/** What goes on beside the steps of a journal while they run, until `signal`. */
export interface Working {
  context: StepContext;
  /** The journal as it is by now. */
  current: () => Transition;
  run: StepRun;
  record: (step: StepName, record: StepRecord) => Promise<boolean>;
  signal: AbortSignal;
}

/**
 * Runs `wanted` and what they need until settled, impossible, superseded or `deadlineMs` (monotonic clock).
 * Never throws. `record` persists one step and says whether we may go on (lease and epoch still ours). `beside` begins
 * at once too, until `besideDeadlineMs`, and is not waited for once the wanted steps have ended.
 */
export async function runSteps(
  context: StepContext,
  run: StepRun,
  wanted: readonly StepName[],
  deadlineMs: number,
  record: (step: StepName, record: StepRecord) => Promise<boolean>,
  beside: readonly StepName[] = [],
  besideDeadlineMs = deadlineMs,
): Promise<void> {
  const over = new AbortController();
  const started = new Map<StepName, Begun>();
  const begin = (step: StepName): Begun => {
    const running = started.get(step);
    if (running !== undefined) return running;
    let onTried = (): void => undefined;
    const tried = new Promise<void>((resolve) => {
      onTried = resolve;
    });
    // Later than now, so that a step finds itself begun.
    const settled = Promise.resolve()
      .then(() => runOne(step, onTried))
      .finally(() => onTried());
    started.set(step, { settled, tried });
    return { settled, tried };
  };
  const runOne = async (step: StepName, onTried: () => void): Promise<boolean> => {
    if (isSettled(run.records[step])) return true;
    const needs = prerequisites(step, context.vip.elasticIp !== null);
    const ready = await Promise.all(needs.map((need) => begin(need).settled));
    if (!ready.every(Boolean)) return false;
    await letGoFirst(context, step, lets(step).map(begin));
    const untilMs = beside.includes(step) ? besideDeadlineMs : deadlineMs;
    return attempt(context, run, step, untilMs, record, { onTried, over: over.signal });
  };
  for (const step of beside) begin(step);
  await Promise.all(wanted.map((step) => begin(step).settled));
  over.abort();
  await Promise.all([...started.values()].map((each) => each.settled));
}

interface Begun {
  settled: Promise<boolean>;
  /** Once, whatever came of it. */
  tried: Promise<void>;
}

/** Waits until the others were tried, or the name is written; not for longer than the patience lasts. */
async function letGoFirst({ deps, timing }: StepContext, step: StepName, others: Begun[]): Promise<void> {
  if (others.length === 0) return;
  const ofName = step === 'verify';
  const over = Promise.all(others.map(({ settled, tried }) => (ofName ? settled : tried)));
  const enough = new AbortController();
  const patienceMs = ofName ? timing.namePatienceMs : timing.recoverPatienceMs;
  await Promise.race([over, deps.clock.sleep(patienceMs, enough.signal)]);
  enough.abort();
}

async function attempt(
  context: StepContext,
  run: StepRun,
  step: StepName,
  deadlineMs: number,
  record: (step: StepName, record: StepRecord) => Promise<boolean>,
  { onTried, over }: { onTried: () => void; over: AbortSignal },
): Promise<boolean> {
  const { clock, random } = context.deps;
  let pauseMs = RETRY_FIRST_MS;
  const startedAtMs = run.records[step].startedAtMs ?? clock.wallMs();
  while (!run.superseded) {
    const outcome = await tryOnce(context, run, step);
    if (outcome.kind === 'superseded') {
      run.superseded = true;
      return false;
    }
    const before = run.records[step];
    const next: StepRecord = {
      status: outcome.kind === 'done' ? 'done' : 'pending',
      attempts: before.attempts + 1,
      startedAtMs,
      finishedAtMs: outcome.kind === 'done' ? clock.wallMs() : null,
      proof: outcome.kind === 'done' ? outcome.proof : before.proof,
      error: outcome.kind === 'done' ? null : outcome.why,
      ...orderedIn(outcome, before),
    };
    // A waiting step repeats the same words many times: only news is journalled.
    if (outcome.kind === 'done' || next.error !== before.error || next.ordered !== before.ordered) {
      if (!(await persist(context, step, next, record))) {
        run.superseded = true;
        return false;
      }
    }
    run.records[step] = next;
    onTried();
    if (outcome.kind === 'done') return true;
    if (outcome.kind === 'needs-human') {
      run.needsHuman = { step, why: outcome.why };
      return false;
    }
    const pause = pauseMs * (0.5 + random.next() / 2);
    if (over.aborted || clock.monotonicMs() + pause >= deadlineMs) return false;
    await clock.sleep(pause, over);
    pauseMs = Math.min(RETRY_CAP_MS, pauseMs * 2);
  }
  return false;
}

type Outcome =
  | { kind: 'done'; proof: string }
  | { kind: 'retry' | 'needs-human'; why: string; ordered?: Ordered | null }
  | { kind: 'superseded' };

/** Kept until the step says otherwise: an attempt that throws says nothing of it. */
function orderedIn(outcome: Exclude<Outcome, { kind: 'superseded' }>, before: StepRecord): Pick<StepRecord, 'ordered'> {
  if (outcome.kind === 'done') return {};
  const ordered = outcome.ordered === undefined ? before.ordered : outcome.ordered;
  return ordered === null || ordered === undefined ? {} : { ordered };
}

async function tryOnce(context: StepContext, run: StepRun, step: StepName): Promise<Outcome> {
  try {
    const result: StepResult = await STEPS[step](context);
    if (result.done) return { kind: 'done', proof: result.proof };
    const { why, ordered } = result;
    return { kind: 'retry', why, ...(ordered !== undefined && { ordered }) };
  } catch (error) {
    if (error instanceof Superseded) return { kind: 'superseded' };
    if (error instanceof Paused) {
      run.metPause ||= !error.keepsFromWatch;
      return { kind: 'retry', why: error.message };
    }
    context.deps.metrics.count('ConvergenceErrors', 1, { step });
    context.deps.log.warn(`step ${step} of ${context.transition.id} failed`, { error: describeError(error) });
    const needsHuman = error instanceof ForeignOwner || error instanceof OutsideRefused;
    return { kind: needsHuman ? 'needs-human' : 'retry', why: describeError(error) };
  }
}

/** The journal is what a successor trusts: a write that fails is tried again; done work may be done twice, not lost. */
async function persist(
  context: StepContext,
  step: StepName,
  next: StepRecord,
  record: (step: StepName, record: StepRecord) => Promise<boolean>,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await record(step, next);
    } catch (error) {
      context.deps.log.warn(`journal of ${context.transition.id} not written`, { step, error: describeError(error) });
      if (tries >= 3) return false;
      await context.deps.clock.sleep(200 * context.deps.random.next());
    }
  }
}
