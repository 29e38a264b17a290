/** Established calls: what is recovered, what is counted, and what becomes of registrations. */
import { mutantsOf, type Mutant } from '../mutant';

const RECOVER = ['test/operations/recover-calls'];

export const RECOVERY: Mutant[] = [
  ...mutantsOf(
    'lib/operations/preview-calls.ts',
    ['test/operations/preview-calls'],
    [
      {
        id: 'preview-of-itself',
        rule: 'a preview says that a process would not recover its own calls',
        find: 'itself ? ',
        replace: "itself && vip.id === '' ? ",
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/recover.ts',
    ['test/operations/converge-calls', 'test/operations/recovery-order'],
    [
      {
        id: 'unreached-recovery-gives-nothing-up',
        rule: 'calls are not given up by a zone that did not reach the node: an attempt whose answer was lost may have saved them',
        find: '(result.unreached === true || result.notChosen === true)',
        replace: 'result.notChosen === true',
      },
      {
        id: 'not-chosen-gives-nothing-up',
        rule: 'nor by another process than the one that was chosen',
        find: '(result.unreached === true || result.notChosen === true)',
        replace: 'result.unreached === true',
      },
      {
        id: 'late-recovery-whatever-its-clock',
        rule: 'shortly before they are given up calls are rebuilt whatever the clock',
        find: 'const WHATEVER_ITS_CLOCK = { maxClockBehindMs: Number.MAX_SAFE_INTEGER };',
        replace: 'const WHATEVER_ITS_CLOCK = { maxClockBehindMs: 1_000 };',
      },
      {
        id: 'recovery-onto-the-process-that-was-chosen',
        rule: 'calls go to the process that was chosen',
        find: '    ...(transition.to.coreUuid === null ? {} : { ontoCoreUuid: transition.to.coreUuid }),\n',
        replace: '',
      },
      {
        id: 'recovery-onto-whichever-where-none-is-known',
        rule: 'or to whichever runs where none is known',
        find: 'transition.to.coreUuid === null ? {} : { ontoCoreUuid: transition.to.coreUuid }',
        replace: "{ ontoCoreUuid: transition.to.coreUuid ?? '' }",
      },
      {
        id: 'recovery-says-when-it-was-decided',
        rule: 'an order says when it was decided: by that the database tells a late one',
        find: '    decidedAtMs: transition.decidedAtMs,\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/recover.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'told-nobody-is-lost',
        rule: 'where the database says that nobody told it they are lost',
        find: 'if (told === false) return before?.by === transition.id ? null : before;',
        replace: 'if (told === false) return before;',
      },
      {
        id: 'told-by-another-stands',
        rule: 'and it says so of its own order alone',
        find: 'if (told === false) return before?.by === transition.id ? null : before;',
        replace: 'if (told === false) return null;',
      },
      {
        id: 'told-number-that-was-counted',
        rule: 'a number that was counted takes the place of none',
        find: 'const isKnown = before !== null && (told.calls === null || before.calls === told.calls);',
        replace: 'const isKnown = before !== null;',
      },
      {
        id: 'recovered-before-stands',
        rule: 'what a ledger says of a recovery stands',
        find: 'if ((context.transition.calls?.recoveredAtMs ?? null) !== null) {',
        replace: 'if (context === null) {',
      },
      {
        id: 'told-is-not-lost',
        rule: 'calls that the new holder was told to rebuild are counted before they are called lost',
        find: 'if (ordered !== null) {',
        replace: 'if (ordered !== null && why === null) {',
      },
      {
        id: 'told-is-what-was-not-heard-of',
        rule: 'and where the attempt says that it may be at work',
        find: 'orderedBy(context, result === null ? undefined : toldBy(result))',
        replace: 'orderedBy(context, undefined)',
      },
      {
        id: 'told-is-what-may-have-arrived',
        rule: 'and where an answer was lost',
        find: 'orderedBy(context, { calls: null, legs: null })',
        replace: 'undefined',
      },
      {
        id: 'told-is-remembered',
        rule: 'and where a later attempt knows nothing of it',
        find: 'if (told === undefined) return before;',
        replace: 'if (told === undefined) return null;',
      },
      {
        id: 'recovered-before-is-not-lost',
        rule: 'nor are those lost that an attempt before it recovered',
        find: 'if (before !== null) {',
        replace: 'if (before !== null && why === null) {',
      },
      {
        id: 'told-of-nothing-keeps-the-plan-before',
        rule: 'an order that found nothing left does not take the place of the one that told it',
        find: 'if (before !== null && before.by !== transition.id && told.legs === 0) return before;',
        replace: '',
      },
      {
        id: 'told-by-a-zone-that-was-not-heard',
        rule: 'and where the function of another zone failed before one said no',
        find: 'return told ?? (unheard === true ? { calls: null, legs: null } : undefined);',
        replace: 'return unheard === undefined || told !== undefined ? told : undefined;',
      },
      {
        id: 'told-by-a-zone-before-none-was-reached',
        rule: 'also where that one did not reach the node',
        find: 'return notYet(result.reason, orderedBy(context, toldBy(result)));',
        replace: 'return notYet(result.reason);',
      },
      {
        id: 'told-though-nobody-can-look',
        rule: 'what an attempt learnt is journalled where the VIP, promoted before, cannot be looked at',
        find: 'if (result.done || learnt === context.ordered() || error instanceof Superseded) throw error;',
        replace: 'if (context !== null) throw error;',
      },
      {
        id: 'told-though-it-cannot-be-promoted',
        rule: 'nor promoted again',
        find: 'return result.done ? promoted : notYet(promoted.why, learnt);',
        replace: 'return promoted;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/rebuilt-before.ts',
    ['test/operations/converge-calls-retried'],
    [
      {
        id: 'recovered-before-by-a-recovery',
        rule: 'a ledger that gave them up is no recovery',
        find: '.findLast(({ calls }) => (calls?.recoveredAtMs ?? null) !== null);',
        replace: '.findLast(({ calls }) => calls !== null);',
      },
      {
        id: 'rebuilt-before-is-not-lost',
        rule: 'what a stuck change rebuilt on the same process is not lost where nothing is left to recover',
        find: 'if (result.before.legs === 0) return withFound(rebuilt, result);',
        replace: '',
      },
      {
        id: 'rebuilt-before-has-no-session-to-lose',
        rule: 'nor are its sessions where something is left',
        find: 'others] }, null, nowMs);',
        replace: 'others] }, sessions.ofVip, nowMs);',
      },
      {
        id: 'rebuilt-before-as-it-was-told',
        rule: 'nor what that one told the process to rebuild',
        find: 'if (before !== null || ordered === null) return before;',
        replace: 'if (before !== null || ordered !== null) return before;',
      },
      {
        id: 'rebuilt-before-is-not-of-its-own-order',
        rule: 'nor is it lost by an order that was told of what is left alone',
        find: 'return isSecond ? { ...sessions, ofVip: null } : sessions;',
        replace: 'return isSecond ? sessions : sessions;',
      },
      {
        id: 'rebuilt-before-by-the-order-before',
        rule: 'also where its own order has been told since',
        find: 'const ordered = orderedBefore(context.earlier, context.transition);',
        replace: 'const told = context.ordered();\n  const ordered = told?.by === context.transition.id ? null : told;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/run-steps.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'told-is-journalled',
        rule: 'a later attempt of another run knows it, too',
        find: 'const ordered = outcome.ordered === undefined ? before.ordered : outcome.ordered;',
        replace: 'const { ordered } = outcome;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/ledger.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'counted-by-the-plan-of-its-order',
        rule: 'calls are counted by the plan of the order that told the node',
        find: '...(calls.countedBy !== undefined && { transitionId: calls.countedBy })',
        replace: '',
      },
      {
        id: 'never-told-is-lost',
        rule: 'those of an order that never arrived are lost',
        find: 'look.told === false && calls.givenUp !== undefined',
        replace: 'calls.givenUp === null',
      },
      {
        id: 'never-told-by-another',
        rule: 'unless it was the one before that never arrived: then by its own',
        find: 'return orders[orders.indexOf(countedBy) + 1] ?? null;',
        replace: 'return orders[orders.length] ?? null;',
      },
      {
        id: 'page-looks-once-at-least',
        rule: 'a page looks once for calls that were recovered long ago',
        find: 'if (looks > 0 && leftMs < -everyMs * 5) return;',
        replace: 'if (leftMs < -everyMs * 5) return;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/calls-ledger.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'lost-for-the-reason-it-had',
        rule: 'what was not rebuilt is lost for the reason for which the recovery was given up',
        find: "[ledger.givenUp ?? 'not-rebuilt']: notRebuilt",
        replace: "'not-rebuilt': notRebuilt",
      },
      {
        id: 'found-beside-what-was-rebuilt',
        rule: 'what a recovery found is told where another one had rebuilt the calls',
        find: 'notes: [...ledger.notes, ...notes] };\n}\n\n/** The recovery was given up, and the new',
        replace: 'notes: ledger.notes };\n}\n\n/** The recovery was given up, and the new',
      },
      {
        id: 'plan-in-place-of-an-estimate',
        rule: 'a plan that can be read takes the place of an estimate',
        find: 'if (ledger.givenUp === undefined || planned === null) return ledger;',
        replace: 'if (planned === null || ledger !== null) return ledger;',
      },
      {
        id: 'plan-and-what-is-not-in-it',
        rule: 'and sessions without a leg in it had no row',
        find: ' + Math.max(0, ledger.legsBefore - planned.legs);',
        replace: ';',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/chain.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'told-by-the-one-before',
        rule: 'what a stuck change told another process says nothing of this one',
        find: ' && each.to.coreUuid === to.coreUuid',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/converge.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'told-by-a-stuck-one',
        rule: 'what a stuck change told the same process is remembered by the one that goes on from it',
        find: ' ?? orderedBefore(earlier, transition)',
        replace: '',
      },
      {
        id: 'told-by-one-that-was-killed',
        rule: 'a function that was killed may have told the new holder what it wrote down nowhere',
        find: 'if (wasLeft) await noteLostOrder(context, run.records, record);',
        replace: '',
      },
      {
        id: 'told-by-nobody-who-ended-well',
        rule: 'one that gave its lease back had written down all that it told',
        find: 'if (wasLeft) await noteLostOrder(',
        replace: 'await noteLostOrder(',
      },
      {
        id: 'told-by-one-whose-lease-ran-out',
        rule: 'a lease that has run out was not given back',
        find: 'wasLeft = found.lease !== null;',
        replace: 'wasLeft = false;',
      },
      {
        id: 'told-by-one-whose-lease-was-waited-for',
        rule: 'nor perhaps one that ran out while it was waited for',
        find: 'for (let wasLeft = found.lease !== null; ; wasLeft = true) {',
        replace: 'for (const wasLeft = found.lease !== null && found.lease.untilMs <= deps.clock.wallMs(); ; ) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/lost-order.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'lost-order-is-written-down',
        rule: 'what a killed function may have told is written down before the next attempt',
        find: "  await record('recover', records.recover);\n",
        replace: '',
      },
      {
        id: 'lost-order-where-none-is-known',
        rule: 'what is known of an order is not overwritten',
        find: ' || context.ordered() !== null',
        replace: '',
      },
      {
        id: 'lost-order-of-no-recovery-that-is-done',
        rule: 'nor a recovery that is done',
        find: 'isSettled(records.recover) || ',
        replace: '',
      },
    ],
  ),
  ...mutantsOf('lib/operations/recover-calls.ts', RECOVER, [
    {
      id: 'told-after-its-answer',
      rule: 'a node whose legs still wait may have rebuilt some that it could not write down',
      find: 'return { ...refused(reason, prepared.before), told: prepared.before };',
      replace: 'return refused(reason, prepared.before);',
    },
    {
      id: 'told-by-an-earlier-attempt',
      rule: 'the database knows what an earlier attempt told a node that cannot be asked now',
      find: 'if (!ask || deadCoreUuids.length === 0) return {};',
      replace: 'if (deadCoreUuids.length >= 0) return {};',
    },
    {
      id: 'told-asked-of-no-absent-database',
      rule: 'a database that is away is not asked for it',
      find: 'ask: !away && !unreached.unreached,',
      replace: 'ask: !unreached.unreached,',
    },
    {
      id: 'told-asked-of-no-other-zone',
      rule: 'nor where another zone may reach the node',
      find: 'ask: !away && !unreached.unreached,',
      replace: 'ask: !away,',
    },
    {
      id: 'recovered-on-no-other-process',
      rule: 'a process that nobody chose recovers nothing',
      find: 'if (ontoCoreUuid !== undefined && state.coreUuid !== ontoCoreUuid) {',
      replace: 'if (ontoCoreUuid === null) {',
    },
    {
      id: 'recovered-on-whichever-runs',
      rule: 'where none was chosen whichever runs recovers them',
      find: 'ontoCoreUuid !== undefined && state.coreUuid !== ontoCoreUuid',
      replace: 'state.coreUuid !== ontoCoreUuid',
    },
    {
      id: 'late-recovery-gives-nothing-up',
      rule: 'a recovery whose epoch is over is for whoever decides, and gives no call up',
      find: '    if (error instanceof RecoverySuperseded) return { ...refused(error.message, before), notChosen: true };\n',
      replace: '',
    },
    {
      id: 'recovery-waits-no-longer-for-a-word',
      rule: 'a node that hangs is not waited for with the time of a whole recovery',
      find: 'Math.min(STATE_WITHIN_MS, leftMs())',
      replace: 'leftMs()',
    },
    {
      id: 'rows-that-are-not-written',
      rule: 'calls whose rows the node cannot write are not told as lost',
      find: '    if (mute !== null) return { known: false, reason: mute };\n',
      replace: '',
    },
    {
      id: 'rows-of-all-sessions',
      rule: 'a node that has a row for each session is not asked for its database',
      find: 'sessions === null || sessions <= tracked.legs',
      replace: 'sessions === null',
    },
    {
      id: 'rows-of-untold-sessions',
      rule: 'nor one that does not tell them',
      find: 'sessions === null || sessions <= tracked.legs',
      replace: 'sessions !== null && sessions <= tracked.legs',
    },
  ]),
  ...mutantsOf(
    'lib/freeswitch/node-control-request.ts',
    ['test/freeswitch/node-control-request'],
    [
      {
        id: 'chosen-process-is-passed-on',
        rule: 'an order names the process that was chosen',
        find: "...(onto === undefined ? {} : { ontoCoreUuid: matching(onto, UUID, 'order.ontoCoreUuid', 'a UUID') }),",
        replace: '',
      },
      {
        id: 'decided-at-is-passed-on',
        rule: 'and when it was decided',
        find: "    ...(decidedAt === undefined ? {} : { decidedAtMs: milliseconds(decidedAt, 'order.decidedAtMs') }),\n",
        replace: '',
      },
      {
        id: 'chosen-process-is-a-uuid',
        rule: 'by a UUID',
        find: "matching(onto, UUID, 'order.ontoCoreUuid', 'a UUID')",
        replace: 'String(onto)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/ledger.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'ledger-has-an-end',
        rule: 'calls that nobody can count are not looked at for ever',
        find: 'if (context.deps.clock.wallMs() < sinceMs + COUNTED_WITHIN_MS) return notYet(why);',
        replace: 'return notYet(why);',
      },
      {
        id: 'ledger-is-not-closed-early',
        rule: 'and are looked at for an hour',
        find: 'if (context.deps.clock.wallMs() < sinceMs + COUNTED_WITHIN_MS) return notYet(why);',
        replace: '',
      },
      {
        id: 'ledger-hour-of-a-stuck-one',
        rule: 'an hour from this change on, also where the one before recovered them',
        find: 'const sinceMs = context.transition.steps.recover.finishedAtMs ?? calls.recoveredAtMs;',
        replace: 'const sinceMs = calls.recoveredAtMs;',
      },
      {
        id: 'ledger-without-a-number-says-so',
        rule: 'a ledger without a number says why it has none',
        find: '    await context.keepCalls({ ...ledger, notes });\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/sessions-at-stake.ts',
    ['test/operations/sessions-at-stake'],
    [
      {
        id: 'drained-sessions-are-not-at-stake',
        rule: 'a node that lives on loses no session',
        find: '  if (livesOn((context.earlier[0] ?? context.transition).cause)) return { ofVip: 0, ofNode };\n',
        replace: '',
      },
      {
        id: 'drained-by-the-first-of-the-chain',
        rule: 'also where the VIP is sent back to it',
        find: 'livesOn((context.earlier[0] ?? context.transition).cause)',
        replace: 'livesOn(context.transition.cause)',
      },
      {
        id: 'sessions-of-who-was-failed-over',
        rule: 'calls of a VIP that was failed over, or drained, ended with the process that it left',
        find: ' || (isSameProcess && !endsByOrder(other.cause));',
        replace: ';',
      },
      {
        id: 'sessions-of-who-was-on-its-way',
        rule: 'and those of one that was on its way there',
        find: 'journals.some((each)',
        replace: 'journals.slice(1).some((each)',
      },
      {
        id: 'sessions-of-who-went-on-from-there',
        rule: 'also where it went on from there to a node that died',
        find: 'journals.some((each)',
        replace: '[...journals.slice(0, 1), ...journals.slice(2)].some((each)',
      },
      {
        id: 'sessions-of-who-was-changed-again',
        rule: 'and where it was changed again since',
        find: 'if (isRoot && (journal.from === null || journal.decidedAtMs < sinceMs)) return found;',
        replace: 'if (isRoot) return found;',
      },
      {
        id: 'sessions-of-who-was-changed-before',
        rule: 'what it left before this failure is over',
        find: 'journal.from === null || journal.decidedAtMs < sinceMs',
        replace: 'journal.from === null',
      },
      {
        id: 'sessions-of-too-many-changes',
        rule: 'only so many of its changes are read',
        find: 'while (found.length < MOST_JOURNALS) {',
        replace: 'while (found.length < 1e3) {',
      },
      {
        id: 'sessions-of-a-chain-with-a-gap',
        rule: 'what cannot be read of the other VIP may have been there',
        find: 'if (journal === null) return null;',
        replace: 'if (journal === null) return found;',
      },
      {
        id: 'sessions-of-long-ago',
        rule: 'sessions that a stuck change had rebuilt elsewhere are not those that end hours later',
        find: ' || areOfLongAgo(context)',
        replace: '',
      },
      {
        id: 'sessions-of-a-change-that-took-none',
        rule: 'those that it had not are still those of the first holder',
        find: ' && tookCalls(each));',
        replace: ');',
      },
      {
        id: 'sessions-of-the-first-holder-again',
        rule: 'nor where it is the first holder that is gone on from',
        find: 'return !isFirst && earlier',
        replace: 'return earlier',
      },
      {
        id: 'sessions-of-who-was-moved',
        rule: 'those of one that was moved did not',
        find: '(isSameProcess && !endsByOrder(other.cause))',
        replace: 'isSameProcess',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/calls-ledger.ts',
    ['test/operations/calls-ledger'],
    [
      {
        id: 'ledger-of-what-is-written-late',
        rule: 'calls of a recovery that was given up are not called lost while their rows may still be written',
        find: 'ownSessions ?? (givenUp === undefined ? null : 0)',
        replace: 'ownSessions',
      },
      {
        id: 'ledger-of-sessions-that-nobody-counted',
        rule: 'of any other one sessions that nobody counted before say nothing',
        find: 'ownSessions ?? (givenUp === undefined ? null : 0)',
        replace: 'ownSessions ?? 0',
      },
      {
        id: 'ledger-of-who-stayed',
        rule: 'calls that never left are kept, and not told as lost',
        find: 'if (stayed !== null && before.legs === 0) return',
        replace: 'if (stayed !== null && before.legs < 0) return',
      },
      {
        id: 'ledger-of-others-beside',
        rule: 'what others had beside them is counted as any recovery',
        find: 'if (stayed !== null && before.legs === 0) return',
        replace: 'if (stayed !== null) return',
      },
      {
        id: 'sessions-of-who-stayed',
        rule: 'sessions of calls that never left are not lost beside a recovery',
        find: 'stayed === null ? (sessionsBefore ?? before.legs) : before.legs',
        replace: 'sessionsBefore ?? before.legs',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/recover.ts',
    ['test/operations/converge-calls'],
    [
      {
        id: 'given-up-where-they-stayed',
        rule: 'a recovery that is given up loses no call that never left',
        find: 'if (stays && ',
        replace: "if (coreUuid === '' && stays && ",
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/promote.ts',
    ['test/operations/converge-in-standby'],
    [
      {
        id: 'calls-of-who-was-in-standby',
        rule: 'a holder in standby that was restarted is not promoted again for good before its calls were recovered',
        find: "  if (transition.cause === 'holder-in-standby') return 'never left';\n",
        replace: '',
      },
      {
        id: 'calls-that-nothing-brings-back',
        rule: 'where no database could bring calls back nobody waits for them',
        find: '  if (topology.database === null) return null;\n',
        replace: '',
      },
      {
        id: 'calls-left-behind-as-it-is-read-back',
        rule: 'nor is one that was restarted right after',
        find: '  if (restarted !== null) return restarted;\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/recovery-time.ts',
    ['test/operations/recovery-order'],
    [
      {
        id: 'recovered-since-the-first-try',
        rule: 'a recovery is tried for its time, however long the move waited before',
        find: "context.timesOf('recover').startedAtMs ?? nowMs",
        replace: 'context.transition.decidedAtMs',
      },
      {
        id: 'old-clock-of-a-planned-move',
        rule: 'the old holder of a planned move numbers calls until it has ended',
        find: '    if (!isPlannedMove(journal)) return journal.decidedAtMs;\n',
        replace: '    if (nowMs > 0) return journal.decidedAtMs;\n',
      },
      {
        id: 'old-clock-of-a-failover',
        rule: 'the old holder of a failover numbers no call after the decision',
        find: '    if (!isPlannedMove(journal)) return journal.decidedAtMs;\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf('lib/operations/recover-calls.ts', RECOVER, [
    {
      id: 'recovery-needs-a-database',
      rule: 'without a database nothing is called recovered',
      find: "if (database === null) return refused('this function was given no database: deploy the control plane again', null);",
      replace:
        "if (database === null) return { recovered: true, before: { calls: 0, legs: 0 }, connectionOriented: 0, movedAside: 0, ownSessions: null, notes: [], proof: '' };",
    },
    {
      id: 'recovery-of-nobody',
      rule: 'an order that names no incarnation touches no row of a call',
      find: 'if (asked.deadCoreUuids.length === 0) return await registrationsAlone(database, node, vip, asked, leftMs());',
      replace: '',
    },
    {
      id: 'recovery-unfit-node',
      rule: 'a node that would lose the calls does not recover them',
      find: 'if (before.legs > 0) {',
      replace: 'if (before.legs < 0) {',
    },
    {
      id: 'recovery-unfit-without-calls',
      rule: 'where no call waits the registrations go along',
      find: 'if (before.legs > 0) {',
      replace: 'if (before.legs >= 0) {',
    },
    {
      id: 'recovery-unfit-since',
      rule: 'rows that came between the two looks are not recovered on an unfit node',
      find: 'if (unfit !== null) return refused(unfit, before);',
      replace: '',
    },
    {
      id: 'recovery-nothing-waits',
      rule: 'where nothing waits no second job is started',
      find: 'if (prepared.legsWaiting === 0) return',
      replace: 'if (prepared.legsWaiting < 0) return',
    },
    {
      id: 'recovery-not-while-paused-in',
      rule: 'a node that is paused for incoming calls deletes every row',
      find: 'state.paused.inbound || state.paused.outbound',
      replace: 'state.paused.outbound',
    },
    {
      id: 'recovery-not-while-paused-out',
      rule: 'a node that is paused for outgoing calls deletes every row',
      find: 'state.paused.inbound || state.paused.outbound',
      replace: 'state.paused.inbound',
    },
    {
      id: 'recovery-not-of-its-own',
      rule: 'an incarnation that lives recovers no calls of its own',
      find: 'order.deadCoreUuids.filter((each) => each !== coreUuid)',
      replace: "order.deadCoreUuids.filter((each) => each !== '')",
    },
    {
      id: 'recovery-counts-who-stayed',
      rule: 'the calls of such an incarnation are counted beside those that it recovers',
      find: 'stayed: stays ? await',
      replace: "stayed: stays && vip.id === '' ? await",
    },
    {
      id: 'nobody-stayed-elsewhere',
      rule: 'calls of another process than the one asked for never stayed',
      find: 'stayed: stays ? await',
      replace: "stayed: stays || vip.id !== '' ? await",
    },
    {
      id: 'recovery-clock-not-told',
      rule: 'a clock that was not told is waited for by nobody',
      find: 'if (clockOffsetMs === null) return null;',
      replace: "if (clockOffsetMs === null) return 'its clock is not known';",
    },
    {
      id: 'recovery-by-the-old-clock',
      rule: 'what numbered the calls is the old holder’s clock',
      find: '(oldClockAheadMs ?? 0) - clockOffsetMs',
      replace: '0 - clockOffsetMs',
    },
    {
      id: 'recovery-rewrites-without-a-service-address',
      rule: 'rows are rewritten only where the address of the calls changes',
      find: 'rewriteTo: vip.serviceAddress === null ? address : null,',
      replace: 'rewriteTo: address,',
    },
    {
      id: 'recovery-rewrites',
      rule: 'rows are rewritten where the address of the calls changes',
      find: 'rewriteTo: vip.serviceAddress === null ? address : null,',
      replace: 'rewriteTo: null,',
    },
    {
      id: 'recovery-advertises-without-an-elastic-ip',
      rule: 'what peers are told changes only where no Elastic IP goes along',
      find: 'advertiseTo: vip.elasticIp === null ? address : null,',
      replace: 'advertiseTo: address,',
    },
    {
      id: 'recovery-advertises',
      rule: 'peers are told the new address where no Elastic IP goes along',
      find: 'advertiseTo: vip.elasticIp === null ? address : null,',
      replace: 'advertiseTo: null,',
    },
    {
      id: 'recovery-counts-every-incarnation',
      rule: 'legs of every dead incarnation count',
      find: 'legs: sum(({ legs }) => legs)',
      replace: 'legs: counts[0]?.legs ?? 0',
    },
    {
      id: 'recovery-not-beside-a-job',
      rule: 'no second job is started beside one that may be at work',
      find: 'while (prepared.legsWaiting > 0 &&',
      replace: 'while (prepared.legsWaiting < 0 &&',
    },
    {
      id: 'recovery-job-has-its-time',
      rule: 'a job that was never begun is not waited for without end',
      find: 'deps.clock.monotonicMs() < quietAtMs && ',
      replace: '',
    },
    {
      id: 'recovery-job-takes-time-per-leg',
      rule: 'a job has the time that its legs take',
      find: 'FIRST_LEG_WITHIN_MS + SLOWEST_MS_PER_LEG * prepared.before.legs - prepared.begunMsAgo',
      replace: 'FIRST_LEG_WITHIN_MS - prepared.begunMsAgo',
    },
    {
      id: 'recovery-within-its-time',
      rule: 'the wait for a job ends with the time of the order',
      find: ' && leftMs() > LOOK_EVERY_MS',
      replace: '',
    },
    {
      id: 'recovery-proved-by-rows',
      rule: 'a recovery is believed when no row waits',
      find: 'if (legsWaiting > 0) {',
      replace: 'if (legsWaiting < 0) {',
    },
    {
      id: 'recovery-away',
      rule: 'a recovery is tried again where the database is away',
      find: 'const away = error instanceof DatabaseAway;',
      replace: 'const away = false;',
    },
    {
      id: 'recovery-refused-is-not-away',
      rule: 'a recovery that failed otherwise is not called an absence of the database',
      find: 'const away = error instanceof DatabaseAway;',
      replace: 'const away = true;',
    },
    {
      id: 'alive-of-nobody',
      rule: 'a count that names no incarnation is of gateways alone',
      find: `    if (order.deadCoreUuids.length === 0) {
      const unregistered`,
      replace: `    if (order.deadCoreUuids[0] === '') {
      const unregistered`,
    },
    {
      id: 'alive-needs-a-database',
      rule: 'calls that nobody can count are not called none',
      find: "if (deps.database === null) return { known: false, reason: 'this function was given no database' };",
      replace:
        'if (deps.database === null) return { known: true, alive: { calls: 0, legs: 0 }, sessions: null, unregisteredGateways: [] };',
    },
    {
      id: 'alive-gateways-not-asked',
      rule: 'gateways that could not be asked for are not called back',
      find: '.catch(() => null)',
      replace: '.catch(() => [])',
    },
  ]),
  ...mutantsOf('lib/operations/recover-calls-registrations.ts', RECOVER, [
    {
      id: 'registrations-keep-no-call',
      rule: 'registrations that could not be taken over keep no call from being saved',
      find: 'return [`registrations were not taken over: ${describeError(error)}`];',
      replace: 'throw error;',
    },
    {
      id: 'registrations-of-the-dead',
      rule: 'the registrations of the old holder are taken over',
      find: 'order.deadNodeIds.length === 0 ? [node.id] : order.deadNodeIds',
      replace: '[node.id]',
    },
    {
      id: 'registrations-of-its-own',
      rule: 'where the same node goes on, its own are gone through',
      find: 'order.deadNodeIds.length === 0 ? [node.id] : order.deadNodeIds',
      replace: 'order.deadNodeIds',
    },
    {
      id: 'registrations-of-the-vip',
      rule: 'registrations of the VIP’s own profiles alone are touched',
      find: 'profiles: vip.profiles, fromNodeIds',
      replace: 'profiles: [], fromNodeIds',
    },
  ]),
];
