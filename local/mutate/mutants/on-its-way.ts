/** What becomes of a VIP on its way: retargeted, begun anew, or still judged by the holder that it has not left. */
import { mutantsOf, type Mutant } from '../mutant';

const DECIDE = ['test/domain/decide', 'test/domain/majorities'];

export const ON_ITS_WAY: Mutant[] = [
  ...mutantsOf('lib/domain/moving.ts', DECIDE, [
    {
      id: 'journal-of-that-vip',
      rule: 'a VIP goes on from its own journal',
      find: 'each.vipId === vip.id && each.epoch === state.epoch',
      replace: 'each.epoch === state.epoch',
    },
    {
      id: 'journal-of-that-epoch',
      rule: 'and from that of its present epoch',
      find: 'each.vipId === vip.id && each.epoch === state.epoch',
      replace: 'each.vipId === vip.id',
    },
    {
      id: 'living-target-is-left',
      rule: 'a target that nobody is against is left alone',
      find: "if (verdict.kind !== 'against' && verdict.kind !== 'restarted') {",
      replace:
        "if (verdict.kind !== 'serving') verdict = verdict as Extract<Verdicts, { kind: 'restarted' }>;\n  else {",
    },
    {
      id: 'restarted-target-is-left-behind',
      rule: 'a target that came back as another FreeSWITCH was not promoted',
      find: "if (verdict.kind !== 'against' && verdict.kind !== 'restarted') {",
      replace: "if (verdict.kind !== 'against') {",
    },
    {
      id: 'restarted-target-may-be-taken',
      rule: 'where there is no other, a target that came back is taken as it is now',
      find: "if (verdict.kind === 'restarted' && bound !== null) {",
      replace: "if (verdict.kind === 'restarted' && nowMs < 0) {",
    },
    {
      id: 'dead-target-is-not-taken',
      rule: 'a target that died is not taken again',
      find: 'if (best === null) return nowhereToGo',
      replace: "if (best?.nodeId === '') return nowhereToGo",
    },
    {
      id: 'spared-from-stuck-sip-alone',
      rule: 'a target that is dead spares nobody: it serves nobody',
      find: "if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck') return null;",
      replace: "if (verdict.kind !== 'against') return null;",
    },
    {
      id: 'spared-with-the-group',
      rule: 'those of its group are spared, too: nothing moves them along',
      find: 'othersOn(snapshot, vip.id, target.nodeId)',
      replace:
        'othersOn(snapshot, vip.id, target.nodeId).filter(({ vipId }) => !movingTogether(snapshot, vip, target).some(({ id }) => id === vipId))',
    },
    {
      id: 'unpromotable-spares-others-there',
      rule: 'a node on which another VIP is served is not ended because it cannot be promoted',
      find: 'if (others.length > 0) return stays(',
      replace: 'if (others.length > 99) return stays(',
    },
    {
      id: 'unpromotable-waits-without-another',
      rule: 'where no other node is fit it is waited for',
      find: 'if (best === null) return stays(...whyNot(candidates));',
      replace: 'if (best === null) return incident(vip.id, state, "no-candidate", nowMs, []);',
    },
    {
      id: 'ending-process-is-not-taken',
      rule: 'a planned move does not go back to a process that it has ended',
      find: '(candidate, member) => unlessEnding(candidate, member, journals)',
      replace: '(candidate) => candidate',
    },
    {
      id: 'ending-by-order-alone',
      rule: 'the old node of a failover may be taken where it is fit',
      find: '    endsByOrder(cause) &&\n',
      replace: '',
    },
    {
      id: 'ending-incarnation-alone',
      rule: 'the next process on the node is a standby',
      find: '    candidate.coreUuid === from.coreUuid &&\n',
      replace: '',
    },
    {
      id: 'not-ending-while-nothing-is-taken',
      rule: 'a planned move goes back to a holder that it has taken nothing from',
      find: '!takesNothing((step) => steps[step].status, vip.elasticIp !== null)',
      replace: 'steps !== null',
    },
  ]),
  ...mutantsOf('lib/domain/sent-elsewhere.ts', DECIDE, [
    {
      id: 'reinstatement-elsewhere-is-a-failover',
      rule: 'a reinstatement that ends on another node is a failover',
      find: "journal.kind === 'reinstatement' && nodeId !== journal.to.nodeId",
      replace: "journal.kind === 'reinstatement' && nodeId === ''",
    },
    {
      id: 'reinstatement-at-home-is-none',
      rule: 'a reinstatement that stays on its node is none',
      find: "journal.kind === 'reinstatement' && nodeId !== journal.to.nodeId",
      replace: "journal.kind === 'reinstatement'",
    },
    {
      id: 'spared-on-that-node',
      rule: 'those that another node holds are not in danger',
      find: 'each.holder?.nodeId === nodeId && each.vipId !== vipId',
      replace: 'each.vipId !== vipId',
    },
    {
      id: 'promoted-target-is-not-left',
      rule: 'a node that was promoted is not left because it is paused: calls may be on it',
      find: "steps.promote.status === 'done' || ",
      replace: '',
    },
    {
      id: 'standby-of-its-own-calls-is-not-left',
      rule: 'nor one that fell into standby: its process has its calls',
      find: " || cause === 'holder-in-standby') return null;",
      replace: ') return null;',
    },
    {
      id: 'unpromotable-for-all-spares-nobody',
      rule: 'two VIPs that a node cannot take do not wait for each other',
      find: 'return !isMoving || whyNotTaken(snapshot, journal, other, nodeId, nowMs) === null;',
      replace: 'return nowMs > 0;',
    },
    {
      id: 'unpromotable-and-held-is-served',
      rule: 'what is held there is served, paused as it is: its calls go on',
      find: 'return !isMoving || ',
      replace: 'return journal !== undefined && ',
    },
  ]),
  ...mutantsOf('lib/domain/sent-elsewhere.ts', DECIDE, [
    {
      id: 'retarget-starts-no-block',
      rule: 'a retargeting goes on inside the block that its own chain started',
      find: 'return kindGoingOn(journal, nodeId).startsBlock && nowMs <',
      replace: 'return nowMs <',
    },
    {
      id: 'retargets-acknowledged',
      rule: 'a human who acknowledges a chain at its bound lets one more candidate try',
      find: ' && !isAcknowledged(state, journal);',
      replace: ';',
    },
    {
      id: 'retargets-acknowledged-since',
      rule: 'who acknowledged an earlier change has not acknowledged this one',
      find: '(acknowledgedAtMs ?? 0) > decidedAtMs;',
      replace: 'acknowledgedAtMs !== null && decidedAtMs > 0;',
    },
  ]),
  ...mutantsOf('lib/domain/restarted-target.ts', DECIDE, [
    {
      id: 'taken-again-on-that-node',
      rule: 'what another node holds binds nothing to a target that restarted',
      find: 'if (state?.holder?.nodeId !== target.nodeId) continue;',
      replace: 'if (state === undefined) continue;',
    },
    {
      id: 'taken-again-with-what-is-held',
      rule: 'a target that restarted is not left while it holds another VIP',
      find: "if (state.status === 'held') return",
      replace: "if (state.status === 'unassigned') return",
    },
    {
      id: 'taken-again-with-what-is-paused',
      rule: 'nor while another one on it is paused',
      find: 'if (isPaused(state, nowMs)) return',
      replace: 'if (nowMs < 0) return',
    },
    {
      id: 'taken-again-with-what-is-stuck',
      rule: 'nor while another one on it is stuck, or has no journal',
      find: "if (journal?.status !== 'open' || isExhausted(snapshot, journal, state)) return",
      replace: 'if (journal === undefined || isExhausted(snapshot, journal, state)) return',
    },
    {
      id: 'taken-again-by-its-journal',
      rule: 'whether another one is stuck is read from its own journal',
      find: 'each.vipId === vip.id && each.epoch === state.epoch',
      replace: 'each.epoch === state.epoch',
    },
    {
      id: 'taken-again-by-its-present-journal',
      rule: 'and from that of its present epoch',
      find: 'each.vipId === vip.id && each.epoch === state.epoch',
      replace: 'each.vipId === vip.id',
    },
    {
      id: 'taken-again-with-what-was-sent-too-often',
      rule: 'nor while another one on it waits for a human, sent on too often',
      find: ' || isExhausted(snapshot, journal, state)) return',
      replace: ') return',
    },
    {
      id: 'taken-again-with-what-came-after',
      rule: 'nor while another one is on its way to the new process',
      find: "if (seen.kind !== 'restarted') return",
      replace: 'if (nowMs < 0) return',
    },
    {
      id: 'taken-again-with-what-has-no-place',
      rule: 'nor while another one has nowhere else to go',
      find: 'if (best === null) return',
      replace: 'if (best === null) return nowMs < 0 ? "" : null; if (nowMs < 0) return',
    },
    {
      id: 'taken-again-in-the-block',
      rule: 'a block period does not keep a VIP from the process that its own target runs now',
      find: 'return isBlocked(snapshot, journal, state, best.nodeId, nowMs) ?',
      replace: 'return nowMs < 0 ?',
    },
  ]),
  ...mutantsOf('lib/domain/transition.ts', DECIDE, [
    {
      id: 'retry-of-a-target-that-was-told',
      rule: 'it may have taken those that it was told to rebuild',
      find: ' || recover.ordered !== undefined',
      replace: '',
    },
    {
      id: 'retry-of-a-target-that-was-promoted',
      rule: 'and has new ones once it was promoted',
      find: " || promote.status === 'done';",
      replace: ';',
    },
  ]),
  ...mutantsOf('lib/domain/retry-stuck.ts', DECIDE, [
    {
      id: 'retry-leaves-a-target-that-restarted',
      rule: 'calls that a target took up are those of the process that it ran then',
      find: 'const from = targetFailed || isLeftBehind ? target : journal.from;',
      replace: 'const from = targetFailed ? target : journal.from;',
    },
    {
      id: 'retry-of-a-target-that-had-none',
      rule: 'and those that it did not are still those of the old holder',
      find: ': hadCalls);',
      replace: ': true);',
    },
    {
      id: 'retry-of-a-later-change',
      rule: 'and may have those that an earlier change gave to it',
      find: 'tookCalls(journal) || journal.epoch !== journal.chain.rootEpoch;',
      replace: 'tookCalls(journal);',
    },
    {
      id: 'retry-of-a-target-that-is-not-fit',
      rule: 'also where it goes elsewhere, whatever it took',
      find: '(stays === null ? mayEnd : hadCalls)',
      replace: 'stays !== null && hadCalls',
    },
    {
      id: 'retry-of-a-target-beside-others',
      rule: 'unless another VIP is on the node by now',
      find: 'stays === null ? mayEnd : ',
      replace: 'stays === null || ',
    },
    {
      id: 'retry-by-the-process-that-is-fit',
      rule: 'and though a look is too old to speak against it',
      find: "verdict.kind === 'restarted' || (stays !== null",
      replace: "verdict.kind === 'restarted' || (nowMs < 0 && stays !== null",
    },
    {
      id: 'retry-of-a-reinstatement',
      rule: 'a reinstatement that is begun anew looks for whoever else may serve, once more',
      find: "(isLeftBehind && goesOnAs.transition !== 'reinstatement')",
      replace: 'isLeftBehind',
    },
    {
      id: 'retry-leaves-where-it-came-from',
      rule: 'what is begun anew does not go back to the node that it left',
      find: 'rankForGroup(snapshot, together, from?.nodeId ?? null, nowMs)',
      replace: 'rankForGroup(snapshot, together, from?.nodeId === null ? null : null, nowMs)',
    },
    {
      id: 'retry-of-a-first-assignment',
      rule: 'a first assignment that is begun anew is one: there is no old holder to end',
      find: "if (from === null) return 'first-assignment';",
      replace: "if (from === null) return 'operator';",
    },
    {
      id: 'retry-of-an-unknown-incarnation',
      rule: 'a process that may be the old one keeps its calls',
      find: 'from.coreUuid === null || from.coreUuid === to.coreUuid',
      replace: 'from.coreUuid === to.coreUuid',
    },
    {
      id: 'retry-of-a-drain',
      rule: 'the old node of a drained VIP is not ended by a second try',
      find: "return cause === 'operator-drained' ? cause : 'operator';",
      replace: "return cause === null ? cause : 'operator';",
    },
  ]),
  ...mutantsOf('lib/domain/unpromotable.ts', DECIDE, [
    {
      id: 'unpromotable-held-back',
      rule: 'less than a majority leaves no target, and dissent holds a majority back',
      find: 'policy.dissentHoldMs) > 0) continue;',
      replace: 'policy.dissentHoldMs) > Infinity) continue;',
    },
    {
      id: 'unpromotable-counted-since',
      rule: 'nor is it counted from before that',
      find: 'Math.max(sinceMs(each) ?? each.observedAtMs, changedAtMs)',
      replace: '(sinceMs(each) ?? each.observedAtMs)',
    },
    {
      id: 'unpromotable-by-fresh-looks',
      rule: 'an old look leaves no target',
      find: 'againstFreshForMs(policy))',
      replace: 'policy.freshForMs)',
    },
    {
      id: 'deaf-for-long',
      rule: 'an ESL that does not answer has to last: it starts, or a path loses packets',
      find: 'lastsMs: lastingMs',
      replace: 'lastsMs: () => 0',
    },
    {
      id: 'rejecting-and-serving',
      rule: 'who rejects us and answers callers is left alone',
      find: "seen.esl.verdict === 'rejected' && !takesCalls(seen, vipId)",
      replace: "seen.esl.verdict === 'rejected' && vipId !== ''",
    },
    {
      id: 'rejecting-and-full',
      rule: 'also while it is full',
      find: "verdict === 'ok' || verdict === 'busy'",
      replace: "verdict === 'ok'",
    },
    {
      id: 'deaf-and-serving',
      rule: 'and so is one whose ESL does not answer',
      find: '.includes(seen.esl.verdict) && !takesCalls(seen, vipId)',
      replace: ".includes(seen.esl.verdict) && vipId !== ''",
    },
  ]),
  ...mutantsOf('lib/domain/planned-move.ts', DECIDE, [
    {
      id: 'not-left-when-stuck-alone',
      rule: 'a planned move that is open goes on: its old holder is left',
      find: " && each.status === 'stuck'",
      replace: '',
    },
    {
      id: 'not-left-of-that-vip',
      rule: 'an old holder is known from the journal of that VIP',
      find: 'each.vipId === vipId && each.epoch === epoch',
      replace: 'each.epoch === epoch',
    },
    {
      id: 'not-left-of-that-epoch',
      rule: 'and of its present epoch',
      find: 'each.vipId === vipId && each.epoch === epoch',
      replace: 'each.vipId === vipId',
    },
    {
      id: 'not-left-in-a-first-try',
      rule: 'what the tries before took is not known',
      find: ' || journal.chain.rootEpoch !== epoch) return null;',
      replace: ') return null;',
    },
    {
      id: 'not-left-undrained',
      rule: 'a VIP that was drained is served by nobody',
      find: 'if (!endsByOrder(journal.cause)) return null;',
      replace: '',
    },
    {
      id: 'not-left-while-nothing-is-taken',
      rule: 'an old holder that something was taken from is left',
      find: 'return takesNothing((step) => journal.steps[step].status, vip.elasticIp !== null) ? journal.from : null;',
      replace: 'return journal.from;',
    },
    {
      id: 'not-left-without-an-address',
      rule: 'without an Elastic IP a detached address is none',
      find: 'journal.steps[step].status, vip.elasticIp !== null)',
      replace: 'journal.steps[step].status, true)',
    },
  ]),
];
