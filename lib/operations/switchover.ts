/** An operator's switchover: planned anew from the state as it is, and written by the same transaction as any decision. */
import type { Change } from '../domain/decision';
import { describeError } from '../domain/errors';
import type { ClusterSnapshot } from '../domain/model';
import type { Clock, DecisionClause, Log, Random, StateStore } from '../domain/ports';
import { decisionWrite } from '../domain/transition';
import { planSwitchover, type SwitchoverRequest } from './switchover-plan';

export interface OperatorDeps {
  store: StateStore;
  clock: Pick<Clock, 'wallMs'>;
  random: Pick<Random, 'id'>;
  log: Pick<Log, 'warn'>;
  /** Who asks, for journal and audit: `operator/<name>`. */
  actor: string;
}

export interface Move {
  /** Id of the transition, `vip#epoch`. */
  transitionId: string;
  vipId: string;
  toNodeId: string;
}

export type SwitchoverOutcome =
  | { kind: 'refused'; reasons: string[] }
  /** `notDecided` is empty unless the state changed between two of the writes. */
  | { kind: 'decided'; moves: Move[]; notDecided: { vipId: string; reasons: string[] }[] };

export type DecisionAnswer = { decided: true; move: Move } | { decided: false; reasons: string[] };

const CLAUSES_IN_WORDS: Record<DecisionClause, string> = {
  'vip-has-expected-epoch': 'its holder changed meanwhile: look at the status',
  'cluster-not-paused': 'the cluster was paused meanwhile: `understudy resume`',
  'vip-not-paused': 'the VIP was paused meanwhile: `understudy resume --vip`',
  'candidate-not-paused': 'its new node was paused meanwhile: `understudy resume --node`, or name another',
  'candidate-in-service': 'its new node was taken out of service meanwhile: name another',
  'candidate-free': 'its new node was claimed by other VIPs meanwhile (maxVipsPerNode): name another',
  'below-transition-cap': 'too many transitions are in flight (maxTransitionsInFlight): wait until they are done',
  'journal-absent': 'somebody else decided this epoch: look at the status',
  'superseded-journal-open': 'the transition it was to replace is closed: look at the status',
  'previous-journal-closed': 'its last transition is still open: wait until it is done, or acknowledge it',
};

/**
 * Decides the moves one after another. One that is refused first ends it, and nothing was touched. Later ones are tried
 * on, because one process serves them: those that are decided wait until what is left undecided leaves it, too.
 * @param confirmed what the operator said yes to; another plan by now is refused. null: whatever is planned now.
 * @throws what the store throws before anything was decided
 */
export async function requestSwitchover(
  deps: OperatorDeps,
  request: SwitchoverRequest,
  confirmed: readonly Change[] | null,
): Promise<SwitchoverOutcome> {
  const snapshot = await deps.store.readCluster();
  const plan = planSwitchover(snapshot, request, deps.clock.wallMs());
  if (plan.kind === 'refused') return plan;
  if (confirmed !== null && !isSame(plan.changes, confirmed)) {
    const now = plan.changes.map((change) => `${change.vipId} to ${change.to.nodeId}`).join(', ');
    return {
      kind: 'refused',
      reasons: [`the cluster changed while you were asked; now it would be ${now}: ask again`],
    };
  }
  const moves: Move[] = [];
  const notDecided: { vipId: string; reasons: string[] }[] = [];
  for (const change of plan.changes) {
    const answer = await decideOrTell(deps, snapshot, change, moves.length === 0);
    if (answer.decided) moves.push(answer.move);
    else if (moves.length === 0) return { kind: 'refused', reasons: inNameOf(change.vipId, answer.reasons) };
    else notDecided.push({ vipId: change.vipId, reasons: answer.reasons });
  }
  return { kind: 'decided', moves, notDecided };
}

/** Writes one decision, and the audit event beside it. @throws what the store throws: whether it was decided is unknown */
export async function decideByOperator(
  deps: OperatorDeps,
  snapshot: ClusterSnapshot,
  change: Change,
): Promise<DecisionAnswer> {
  const nowMs = deps.clock.wallMs();
  // Unique, so that a lost answer is told from another operator's decision.
  const decider = `${deps.actor}/${deps.random.id()}`;
  const write = decisionWrite(change, snapshot.topology, snapshot.observations, nowMs, decider);
  const outcome = await deps.store.decide(write);
  if (outcome.outcome === 'refused') {
    return { decided: false, reasons: outcome.clauses.map((clause) => CLAUSES_IN_WORDS[clause]) };
  }
  const { id, vipId, to } = write.transition;
  const detail = `${change.from?.nodeId ?? 'nobody'} to ${to.nodeId}, ${change.cause}`;
  try {
    await deps.store.audit({ atMs: nowMs, actor: deps.actor, action: change.transition, subject: id, detail });
  } catch (error) {
    // It is decided, and its journal names who did: that must not read as a failure.
    deps.log.warn(`the audit event of ${id} was not written`, { error: describeError(error) });
  }
  return { decided: true, move: { transitionId: id, vipId, toNodeId: to.nodeId } };
}

/** After the first decision nothing may be thrown: the operator must hear what was decided. */
async function decideOrTell(
  deps: OperatorDeps,
  snapshot: ClusterSnapshot,
  change: Change,
  isFirst: boolean,
): Promise<DecisionAnswer> {
  try {
    return await decideByOperator(deps, snapshot, change);
  } catch (error) {
    if (isFirst) throw error;
    return { decided: false, reasons: [`whether it was decided is not known: ${describeError(error)}`] };
  }
}

function isSame(planned: readonly Change[], confirmed: readonly Change[]): boolean {
  const key = (changes: readonly Change[]): string =>
    JSON.stringify(changes.map((change) => [change.vipId, change.to.nodeId, change.expectedEpoch]));
  return key(planned) === key(confirmed);
}

function inNameOf(vipId: string, reasons: readonly string[]): string[] {
  return reasons.map((reason) => `${vipId}: ${reason}`);
}
