/** From which zone a node is ordered, where no answer comes from the first. */
import { mutantsOf, type Mutant } from '../mutant';

const TURNS = ['test/domain/node-control-turns'];
const UNREACHED = ['test/domain/unreached'];
const OPEN = ['test/freeswitch/esl/open'];
const SHUTDOWN = ['test/freeswitch/shutdown'];
const SHIPPED_ORDERS = ['test/freeswitch/node-orders'];
const CLIENT = ['test/aws/node-control-client'];
const SIMULATED_ORDERS = ['test/simulation/freeswitch/node-orders', 'test/simulation/freeswitch/orders'];
const SIMULATED_WORLD = ['test/simulation/world/node-control'];

export const NODE_WAYS: Mutant[] = [
  ...mutantsOf('lib/domain/node-control-turns.ts', TURNS, [
    {
      id: 'nowhere-is-over',
      rule: 'an order that got nowhere is at work nowhere',
      find: 'failure instanceof GotNowhere || isOver(failure)',
      replace: 'isOver(failure)',
    },
    {
      id: 'ended-is-over',
      rule: 'nor is one whose function has ended',
      find: 'failure instanceof GotNowhere || isOver(failure)',
      replace: 'failure instanceof GotNowhere',
    },
    {
      id: 'silence-is-not-over',
      rule: 'an order that was met with silence may be at work',
      find: 'failure instanceof GotNowhere || isOver(failure)',
      replace: 'failure instanceof Error || isOver(failure)',
    },
    {
      id: 'nowhere-by-its-name',
      rule: 'what got nowhere is told from what failed',
      find: 'failures.push(new GotNowhere(`',
      replace: 'failures.push(new OutsideTimeout(`',
    },
    {
      id: 'shut-way-is-noted',
      rule: 'a way that was found shut is remembered',
      find: '      ways.shut(turn.zone, node.id, monotonicMs());\n      nowhere',
      replace: '      nowhere',
    },
    {
      id: 'shut-way-from-its-answer-on',
      rule: 'it is remembered from the answer on that told it',
      find: 'ways.shut(turn.zone, node.id, monotonicMs());\n      nowhere',
      replace: 'ways.shut(turn.zone, node.id, deadlineMs - timeoutMs);\n      nowhere',
    },
    {
      id: 'shut-way-of-the-zone-that-was-asked',
      rule: 'as that of the zone that was asked',
      find: 'ways.shut(turn.zone, node.id, monotonicMs());\n      nowhere',
      replace: 'ways.shut(node.zone, node.id, monotonicMs());\n      nowhere',
    },
    {
      id: 'open-way-is-noted',
      rule: 'a way that was found open is shut no more',
      find: 'else ways.open(turn.zone, node.id);',
      replace: '',
    },
    {
      id: 'shut-for-a-minute-at-least',
      rule: 'a way that was found shut is asked last for a minute',
      find: 'SHUT_FOR_MS = 60_000',
      replace: 'SHUT_FOR_MS = 59_999',
    },
    {
      id: 'shut-for-a-minute-at-most',
      rule: 'and then first again',
      find: 'nowMs < (this.untilMs',
      replace: 'nowMs <= (this.untilMs',
    },
    {
      id: 'shut-not-for-ever',
      rule: 'no way is shut for ever',
      find: 'nowMs + SHUT_FOR_MS',
      replace: 'Infinity',
    },
    {
      id: 'shut-way-to-one-node',
      rule: 'a way that is shut to one node is open to the others',
      find: 'ways.shut(turn.zone, node.id, monotonicMs());\n      nowhere',
      replace: 'ways.shut(turn.zone, null, monotonicMs());\n      nowhere',
    },
    {
      id: 'shut-way-from-one-zone',
      rule: 'a way that is shut from one zone is open from the others',
      find: "`${zone}>${nodeId ?? '*'}`",
      replace: "`${nodeId ?? '*'}`",
    },
    {
      id: 'shut-ways-are-asked-for',
      rule: 'who orders a node asks which ways are shut',
      find: 'zonesToAsk({ zone: node.zone, is: turns.ownZone }, all, isShut)',
      replace: 'zonesToAsk({ zone: node.zone, is: turns.ownZone }, all)',
    },
    {
      id: 'unreached-is-asked-elsewhere',
      rule: 'a zone that got no answer is not the last word',
      find: "if (!('unreached' in answer) || answer.unreached !== true) {",
      replace: "if ('nodeId' in answer || timeoutMs > 0) {",
    },
    {
      id: 'no-is-an-answer',
      rule: 'a node that says no is not asked again elsewhere',
      find: "if (!('unreached' in answer) || answer.unreached !== true) {",
      replace: "if (!('reason' in answer)) {",
    },
    {
      id: 'nowhere-is-told',
      rule: 'where no zone got an answer that is the answer',
      find: '      if (nowhere !== null) return nowhere;\n',
      replace: '',
    },
    {
      id: 'nowhere-of-the-first-zone',
      rule: 'the first zone that got no answer is believed',
      find: 'nowhere ??= answer;',
      replace: 'nowhere = answer;',
    },
    {
      id: 'alone-beside-the-node',
      rule: 'what only the zone of the node sees is not told from outside',
      find: "nowhere !== null && turns.ownZone === 'last' && turn?.zone === node.zone",
      replace: 'false',
    },
    {
      id: 'alone-only-from-outside',
      rule: 'an order may come from beside the node',
      find: " && turns.ownZone === 'last' && turn?.zone === node.zone",
      replace: ' && turn?.zone === node.zone',
    },
    {
      id: 'alone-only-beside',
      rule: 'from outside another zone may be asked',
      find: " && turns.ownZone === 'last' && turn?.zone === node.zone",
      replace: " && turns.ownZone === 'last'",
    },
    {
      id: 'alone-only-where-nobody-reached-it',
      rule: 'where the function outside failed the own zone is asked',
      find: "nowhere !== null && turns.ownZone === 'last'",
      replace: "turns.ownZone === 'last'",
    },
    {
      id: 'database-away-shuts-the-way',
      rule: 'a zone that does not reach the database is asked last',
      find: "if ('away' in answer && answer.away) ways.shut(turn.zone, node.id, monotonicMs());\n        else ways",
      replace: 'ways',
    },
    {
      id: 'no-turn-without-time',
      rule: 'nobody is asked when the time is over',
      find: 'if (zone === undefined || leftMs <= 0) return null;',
      replace: 'if (zone === undefined) return null;',
    },
    {
      id: 'no-turn-while-at-work',
      rule: 'nobody else is asked for what may be at work',
      find: 'if (failures.length > 0 && !mayAskElsewhere(failures.at(-1))) return null;',
      replace: '',
    },
    {
      id: 'first-zone-has-its-share',
      rule: 'the first zone leaves time for the second',
      find: 'isLast ? leftMs : leftMs * firstShare',
      replace: 'leftMs',
    },
    {
      id: 'last-zone-has-what-is-left',
      rule: 'the last zone has all that is left',
      find: 'isLast ? leftMs : leftMs * firstShare',
      replace: 'leftMs * firstShare',
    },
    {
      id: 'own-zone-first',
      rule: 'the own zone of a node is asked before others',
      find: "own.is === 'first' ? shutLast",
      replace: "own.is !== 'first' ? shutLast",
    },
    {
      id: 'own-zone-with-a-function',
      rule: 'where it has a function',
      find: 'const beside = zones.filter((zone) => zone === own.zone);',
      replace: 'const beside = [own.zone];',
    },
    {
      id: 'other-zones-in-order',
      rule: 'other zones are asked in the same order by everybody',
      find: 'zone !== own.zone).sort()',
      replace: 'zone !== own.zone)',
    },
    {
      id: 'open-ways-first',
      rule: 'zones whose way is shut are asked after all others',
      find: '    ...some.filter((zone) => !isShut(zone)),\n    ...some.filter(isShut),\n',
      replace: '    ...some.filter(isShut),\n    ...some.filter((zone) => !isShut(zone)),\n',
    },
    {
      id: 'shut-ways-last',
      rule: 'and are asked all the same',
      find: '    ...some.filter(isShut),\n',
      replace: '',
    },
    {
      id: 'two-zones-of-all',
      rule: 'a third zone is asked before a shut one',
      find: 'shutLast([...beside, ...others])',
      replace: 'shutLast([...beside, ...others].slice(0, 2))',
    },
    {
      id: 'own-zone-last-though-others-are-shut',
      rule: 'from outside the own zone is no way round',
      find: '[...shutLast(others), ...beside]',
      replace: 'shutLast([...others, ...beside])',
    },
    {
      id: 'own-zone-as-the-order-says',
      rule: 'who orders says which zone is first',
      find: 'is: turns.ownZone }',
      replace: "is: 'first' }",
    },
    {
      id: 'outside-is-outside',
      rule: 'from outside the own zone is the last',
      find: "{ ...IN_TURNS, ownZone: 'last' }",
      replace: '{ ...IN_TURNS }',
    },
    {
      id: 'no-turn-without-time-for-an-answer',
      rule: 'what one zone said is not given for the silence of one that has no time',
      find: 'leftMs < INVOCATION_MS + MIN_WORK_MS',
      replace: 'leftMs < 0',
    },
    {
      id: 'a-turn-with-time-for-an-answer',
      rule: 'a zone that has time is asked',
      find: 'leftMs < INVOCATION_MS + MIN_WORK_MS',
      replace: 'leftMs <= INVOCATION_MS + MIN_WORK_MS',
    },
    {
      id: 'no-time-for-an-answer-is-for-the-second',
      rule: 'the first zone is asked however little time there is',
      find: 'nowhere !== null && leftMs < INVOCATION_MS + MIN_WORK_MS',
      replace: 'leftMs < INVOCATION_MS + MIN_WORK_MS',
    },
    {
      id: 'silent-function-is-noted',
      rule: 'a function that gave no answer is remembered',
      find: '      ways.shut(turn.zone, null, monotonicMs());\n',
      replace: '',
    },
    {
      id: 'silent-function-whatever-the-node',
      rule: 'whatever node it was asked about',
      find: 'ways.shut(turn.zone, null, monotonicMs());',
      replace: 'ways.shut(turn.zone, node.id, monotonicMs());',
    },
    {
      id: 'function-that-answers-is-noted',
      rule: 'a function that answers is silent no more',
      find: '      ways.open(turn.zone, null);\n',
      replace: '',
    },
    {
      id: 'ways-of-functions-are-asked-for',
      rule: 'a silent function is asked last',
      find: '[null, nodeId].some(',
      replace: '[nodeId].some(',
    },
    {
      id: 'ways-to-nodes-are-asked-for',
      rule: 'and one that does not reach the node',
      find: '[null, nodeId].some(',
      replace: '[null].some(',
    },
    {
      id: 'two-zones-at-most',
      rule: 'two zones are asked at most: the time is for no more',
      find: '.slice(0, 2)',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/domain/node-control.ts', UNREACHED, [
    {
      id: 'unreached-as-the-failure-says',
      rule: 'a failure that is an answer is the same in every zone',
      find: 'error instanceof UnderstudyError && error.unreached ?',
      replace: 'error instanceof UnderstudyError ?',
    },
    {
      id: 'unreached-of-our-own-failures',
      rule: 'only failures of ours tell whether they are an answer',
      find: 'error instanceof UnderstudyError && error.unreached ?',
      replace: '(error as UnderstudyError | null)?.unreached === true ?',
    },
  ]),
  ...mutantsOf('lib/domain/errors.ts', UNREACHED, [
    {
      id: 'failures-are-answers',
      rule: 'a failure of which nothing is said is an answer',
      find: 'readonly unreached: boolean = false;',
      replace: 'readonly unreached: boolean = true;',
    },
    {
      id: 'time-out-is-no-answer',
      rule: 'an outside call that was late was not answered',
      find: "  override readonly name = 'OutsideTimeout';\n  override readonly unreached = true;\n",
      replace: "  override readonly name = 'OutsideTimeout';\n",
    },
    {
      id: 'database-away-is-no-answer',
      rule: 'nor did a database that is away',
      find: "  override readonly name = 'DatabaseAway';\n  override readonly unreached = true;\n",
      replace: "  override readonly name = 'DatabaseAway';\n",
    },
  ]),
  ...mutantsOf('lib/freeswitch/esl/failure.ts', UNREACHED, [
    {
      id: 'silence-is-no-answer',
      rule: 'a node that is silent may answer another zone',
      find: "this.unreached = kind === 'silent';",
      replace: 'this.unreached = false;',
    },
    {
      id: 'only-silence-is-no-answer',
      rule: 'a node that refuses or rejects has answered',
      find: "this.unreached = kind === 'silent';",
      replace: 'this.unreached = true;',
    },
  ]),
  ...mutantsOf('lib/freeswitch/esl/open.ts', OPEN, [
    {
      id: 'connect-leaves-time',
      rule: 'a connection is not waited for until the whole task is late',
      find: 'Math.min(CONNECT_WITHIN_MS, leftMs())',
      replace: 'leftMs()',
    },
    {
      id: 'connect-within-the-task',
      rule: 'nor longer than the task has',
      find: 'Math.min(CONNECT_WITHIN_MS, leftMs())',
      replace: 'CONNECT_WITHIN_MS',
    },
    {
      id: 'connect-within-three-seconds',
      rule: 'a connection is waited for through one loss',
      find: 'CONNECT_WITHIN_MS = 3_000',
      replace: 'CONNECT_WITHIN_MS = 2_000',
    },
    {
      id: 'connect-again-leaves-time',
      rule: 'with the second password a connection is waited for no longer',
      find: 'return open(second);',
      replace: 'return EslConnection.open({ host, port, password: second, timeoutMs: leftMs() });',
    },
  ]),
  ...mutantsOf('lib/freeswitch/esl/password.ts', OPEN, [
    {
      id: 'late-password-is-no-answer',
      rule: 'a password that is late in one zone may not be in another',
      find: 'reject(new OutsideTimeout(',
      replace: 'reject(new Error(',
    },
  ]),
  ...mutantsOf('lib/freeswitch/inspect/inspect-node.ts', SHIPPED_ORDERS, [
    {
      id: 'unreached-inspection',
      rule: 'an inspection says that it got no answer',
      find: ', ...unreachedBy(error)',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/freeswitch/node-control.ts', SHIPPED_ORDERS, [
    {
      id: 'unreached-promotion',
      rule: 'a promotion says that it got no answer',
      find: '{ promoted: false, reason: reasonOf(error), ...unreachedBy(error) }',
      replace: '{ promoted: false, reason: reasonOf(error) }',
    },
    {
      id: 'unreached-demotion',
      rule: 'a demotion says that it got no answer',
      find: '{ demoted: false, reason: reasonOf(error), ...unreachedBy(error) }',
      replace: '{ demoted: false, reason: reasonOf(error) }',
    },
    {
      id: 'unreached-process-in-a-check',
      rule: 'a check knows whether the process gave no answer',
      find: '        unreached = unreachedBy(error);\n',
      replace: '',
    },
    {
      id: 'rejected-process-in-a-check',
      rule: 'and whether it gave one',
      find: 'unreached = unreachedBy(error);',
      replace: 'unreached = { unreached: true };',
    },
    {
      id: 'unreached-check',
      rule: 'a check that finds nobody serving says that it got no answer',
      find: 'reason: inWords(others), ...unreached }',
      replace: 'reason: inWords(others) }',
    },
    {
      id: 'unreached-check-of-a-full-holder',
      rule: 'nor does one of a full holder',
      find: 'reason: `${inWords(answers)}: ${why}`, ...unreached }',
      replace: 'reason: `${inWords(answers)}: ${why}` }',
    },
    {
      id: 'serving-is-an-answer',
      rule: 'callers who are served are answer enough for a check',
      find: 'return { ...process, serving: true, proof: inWords(answers) };',
      replace: 'return { ...process, serving: true, proof: inWords(answers), ...unreached };',
    },
  ]),
  ...mutantsOf('lib/freeswitch/shutdown.ts', SHUTDOWN, [
    {
      id: 'unreached-connection-to-end-a-process',
      rule: 'an order to end a process says that nothing answered it',
      find: 'return { fenced: false, reason, ...unreachedBy(error) };',
      replace: 'return { fenced: false, reason };',
    },
    {
      id: 'unreached-password-to-end-a-process',
      rule: 'and that it had no password',
      find: 'return { fenced: false, reason, ...unreachedBy(error) };',
      replace: 'return { fenced: false, reason, ...unreachedBy(asFailure(error)) };',
    },
    {
      id: 'unreached-end-of-a-process',
      rule: 'and that the order itself was not',
      find: 'return hangsUp(failure.kind) ? null : { reason: failure.message, ...unreachedBy(error) };',
      replace: 'return hangsUp(failure.kind) ? null : { reason: failure.message };',
    },
    {
      id: 'unreached-end-is-told',
      rule: 'what the order came to is told as it is',
      find: 'return { fenced: false, ...refusal };',
      replace: 'return { fenced: false, reason: refusal.reason };',
    },
  ]),
  ...mutantsOf(
    'lib/operations/forecast-calls.ts',
    ['test/operations/forecast-calls'],
    [
      {
        id: 'unreached-node-of-a-forecast',
        rule: 'a forecast says that the node gave no answer',
        find: 'describeError(error)}`], ...unreachedBy(error) };\n  }\n  const',
        replace: 'describeError(error)}`] };\n  }\n  const',
      },
      {
        id: 'unreached-rows-of-a-forecast',
        rule: 'and that the database gave none',
        find: 'unknown: [`rows: ${describeError(error)}`], ...unreachedBy(error) }',
        replace: 'unknown: [`rows: ${describeError(error)}`] }',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/node-orders.ts',
    ['test/operations/node-orders'],
    [
      {
        id: 'unreached-lock',
        rule: 'a lock says that the database gave no answer',
        find: '{ locked: false, away, reason: describeError(error), ...unreachedBy(error) }',
        replace: '{ locked: false, away, reason: describeError(error) }',
      },
      {
        id: 'refused-lock-is-answered',
        rule: 'a lock that the database refused was answered',
        find: '{ locked: false, away, reason: describeError(error), ...unreachedBy(error) }',
        replace: '{ locked: false, away, reason: describeError(error), unreached: true }',
      },
      {
        id: 'unreached-unlock',
        rule: 'the end of a lock says that the database gave no answer',
        find: '{ unlocked: false, reason: describeError(error), ...unreachedBy(error) }',
        replace: '{ unlocked: false, reason: describeError(error) }',
      },
      {
        id: 'refused-unlock-is-answered',
        rule: 'the end of a lock that the database refused was answered',
        find: '{ unlocked: false, reason: describeError(error), ...unreachedBy(error) }',
        replace: '{ unlocked: false, reason: describeError(error), unreached: true }',
      },
      {
        id: 'unreached-level-with-a-gap',
        rule: 'a gap that the database shows does not hide that the node gave no answer',
        find: 'return { ...inspection, missing: [...inspection.missing, gap] };',
        replace:
          'const { unreached: _, ...rest } = inspection;\n    return { ...rest, missing: [...rest.missing, gap] };',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/preview-calls.ts',
    ['test/operations/preview-calls'],
    [
      {
        id: 'unreached-preview',
        rule: 'a preview says that it got no answer',
        find: ', ...unreachedBy(error)',
        replace: '',
      },
      {
        id: 'refused-preview-is-answered',
        rule: 'a preview that was refused was answered',
        find: ', ...unreachedBy(error)',
        replace: ', unreached: true',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/recover-calls.ts',
    ['test/operations/recover-calls'],
    [
      {
        id: 'unreached-recovery',
        rule: 'a recovery that was not begun says that the node gave no answer',
        find: 'away || mayBeAtWork ? {} : unreachedBy(error)',
        replace: '{}',
      },
      {
        id: 'refused-recovery-is-answered',
        rule: 'a recovery that was refused was answered',
        find: 'away || mayBeAtWork ? {} : unreachedBy(error)',
        replace: 'away || mayBeAtWork ? {} : { unreached: true as const }',
      },
      {
        id: 'recovery-away-is-for-the-next-try',
        rule: 'a recovery without a database is tried again later, and not in another zone while callers wait',
        find: 'away || mayBeAtWork ? {} : unreachedBy(error)',
        replace: 'mayBeAtWork ? {} : unreachedBy(error)',
      },
      {
        id: 'recovery-at-work-is-not-begun-elsewhere',
        rule: 'a recovery that may be at work is not begun in another zone',
        find: 'away || mayBeAtWork ? {} : unreachedBy(error)',
        replace: 'away ? {} : unreachedBy(error)',
      },
      {
        id: 'recovery-at-work-from-its-command-on',
        rule: 'it may be at work from the moment on at which the node is told',
        find: `    mayBeAtWork = true;
    const { replies } = await deps.switches.recoverProfiles(node, vip, leftMs());
`,
        replace: `    const { replies } = await deps.switches.recoverProfiles(node, vip, leftMs());
    mayBeAtWork = true;
`,
      },
      {
        id: 'recovery-is-not-at-work-before',
        rule: 'and not before',
        find: 'let mayBeAtWork = false;',
        replace: 'let mayBeAtWork = true;',
      },
      {
        id: 'unreached-count',
        rule: 'a count says that it got no answer',
        find: 'return { known: false, reason: describeError(error), ...unreachedBy(error) };',
        replace: 'return { known: false, reason: describeError(error) };',
      },
      {
        id: 'refused-count-is-answered',
        rule: 'a count that was refused was answered',
        find: 'return { known: false, reason: describeError(error), ...unreachedBy(error) };',
        replace: 'return { known: false, reason: describeError(error), unreached: true };',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/promote.ts',
    ['test/operations/converge.test'],
    [
      {
        id: 'verified-from-outside',
        rule: 'what only its own zone sees serve serves nobody',
        find: "context.timing.nodeTimeoutMs, false, 'outside')",
        replace: 'context.timing.nodeTimeoutMs)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/notify.ts',
    ['test/operations/converge.test'],
    [
      {
        id: 'paged-from-outside',
        rule: 'nor does the page say that it does',
        find: "timing.nodeTimeoutMs, false, 'outside')",
        replace: 'timing.nodeTimeoutMs)',
      },
    ],
  ),
  ...mutantsOf('lib/aws/node-control-answer.ts', CLIENT, [
    {
      id: 'not-chosen-over-the-wire',
      rule: 'that another process runs than the one that was chosen is heard',
      find: 'notChosen === true ? { notChosen: true as const } : {}',
      replace: '{}',
    },
    {
      id: 'chosen-over-the-wire',
      rule: 'and is not where nothing says so',
      find: 'notChosen === true ? { notChosen: true as const } : {}',
      replace: '{ notChosen: true as const }',
    },
    ...(
      [
        ['shutdown', '{ fenced, ...no(why) }', '{ fenced, reason: no(why).reason }'],
        ['promotion', '{ promoted, ...no(why) }', '{ promoted, reason: no(why).reason }'],
        ['check', '{ ...look, serving, ...no(why) }', '{ ...look, serving, reason: no(why).reason }'],
        ['demotion', '{ demoted, ...no(why) }', '{ demoted, reason: no(why).reason }'],
        ['lock', 'away: away === true, ...no(why) }', 'away: away === true, reason: no(why).reason }'],
        ['unlock', '{ unlocked, ...no(why) }', '{ unlocked, reason: no(why).reason }'],
        ['recovery', '...chosen, ...no(why) }', '...chosen, reason: no(why).reason }'],
        ['count', '{ known, ...no(why) }', '{ known, reason: no(why).reason }'],
        ['forecast', '    ...unreached(place),\n', ''],
        ['inspection', 'conflicts: texts(conflicts), ...unreached(place) }', 'conflicts: texts(conflicts) }'],
      ] as const
    ).map(([what, find, replace]) => ({
      id: `unreached-${what}-over-the-wire`,
      rule: `that a function got no answer is heard: ${what}`,
      ...{ find, replace },
    })),
    {
      id: 'unreached-in-a-no-over-the-wire',
      rule: 'a no says whether it is for want of an answer',
      find: "{ reason: text(fields['reason']), ...unreached(fields) }",
      replace: "{ reason: text(fields['reason']) }",
    },
    {
      id: 'unreached-is-true-over-the-wire',
      rule: 'nobody else is asked for a word that no version says',
      find: "fields['unreached'] === true",
      replace: "Boolean(fields['unreached'])",
    },
    {
      id: 'reached-over-the-wire',
      rule: 'nor for a word that says the contrary',
      find: "fields['unreached'] === true",
      replace: "'unreached' in fields",
    },
  ]),
  ...mutantsOf('lib/aws/recovery-preview-answer.ts', CLIENT, [
    {
      id: 'unreached-preview-over-the-wire',
      rule: 'that a function got no answer is heard: preview',
      find: '{ known, ...no(rest) }',
      replace: '{ known, reason: no(rest).reason }',
    },
  ]),
  ...mutantsOf('lib/aws/node-control-client.ts', CLIENT, [
    {
      id: 'check-from-where-it-says',
      rule: 'a check is made from where the caller says',
      find: "from === 'outside' ? FROM_OUTSIDE : IN_TURNS",
      replace: 'IN_TURNS',
    },
    {
      id: 'check-beside-where-nothing-is-said',
      rule: 'and else by the way that orders go',
      find: "from === 'outside' ? FROM_OUTSIDE : IN_TURNS",
      replace: 'FROM_OUTSIDE',
    },
    {
      id: 'shut-ways-are-remembered',
      rule: 'one order remembers what the one before found',
      find: 'ways: this.ways,',
      replace: 'ways: new ShutWays(),',
    },
    {
      id: 'recovery-in-its-own-turns',
      rule: 'a recovery is not shared among zones as the other orders are',
      find: 'const asking = { zones, turns,',
      replace: 'const asking = { zones, turns: turns === IN_TURNS ? turns : IN_TURNS,',
    },
  ]),
  ...mutantsOf('lib/simulation/freeswitch/esl.ts', UNREACHED, [
    {
      id: 'simulated-silence-is-no-answer',
      rule: 'a simulated node that is silent may answer another zone',
      find: "this.unreached = kind === 'silent';",
      replace: 'this.unreached = false;',
    },
    {
      id: 'only-simulated-silence-is-no-answer',
      rule: 'a simulated node that refuses or rejects has answered',
      find: "this.unreached = kind === 'silent';",
      replace: 'this.unreached = true;',
    },
  ]),
  ...mutantsOf(
    'lib/simulation/freeswitch/esl.ts',
    ['test/simulation/freeswitch/orders'],
    [
      {
        id: 'simulated-connect-leaves-time',
        rule: 'a simulated connection is not waited for until the whole task is late',
        find: 'Math.min(CONNECT_WITHIN_MS, leftMs())',
        replace: 'leftMs()',
      },
      {
        id: 'simulated-connect-within-the-task',
        rule: 'nor longer than the task has',
        find: 'Math.min(CONNECT_WITHIN_MS, leftMs())',
        replace: 'CONNECT_WITHIN_MS',
      },
      {
        id: 'simulated-connect-as-shipped',
        rule: 'a simulated connection is waited for as long as a real one',
        find: 'CONNECT_WITHIN_MS = 3_000',
        replace: 'CONNECT_WITHIN_MS = 2_000',
      },
    ],
  ),
  ...mutantsOf('lib/simulation/freeswitch/esl-orders.ts', SIMULATED_ORDERS, [
    {
      id: 'simulated-unreached-promotion',
      rule: 'the copy of a promotion says that it got no answer',
      find: '{ promoted: false, reason: describeError(error), ...unreachedBy(error) }',
      replace: '{ promoted: false, reason: describeError(error) }',
    },
    {
      id: 'simulated-unreached-demotion',
      rule: 'the copy of a demotion says that it got no answer',
      find: '{ demoted: false, reason: describeError(error), ...unreachedBy(error) }',
      replace: '{ demoted: false, reason: describeError(error) }',
    },
    {
      id: 'simulated-unreached-process-in-a-check',
      rule: 'the copy of a check knows whether the process gave no answer',
      find: '        unreached = unreachedBy(error);\n',
      replace: '',
    },
    {
      id: 'simulated-rejected-process-in-a-check',
      rule: 'and whether it gave one',
      find: 'unreached = unreachedBy(error);',
      replace: 'unreached = { unreached: true };',
    },
    {
      id: 'simulated-unreached-check',
      rule: 'the copy of a check that finds nobody serving says that it got no answer',
      find: 'serving, reason: said, ...unreached }',
      replace: 'serving, reason: said }',
    },
    {
      id: 'simulated-serving-is-an-answer',
      rule: 'callers who are served are answer enough for it',
      find: '{ ...process, serving, proof: said }',
      replace: '{ ...process, serving, proof: said, ...unreached }',
    },
    {
      id: 'simulated-unreached-inspection',
      rule: 'the copy of an inspection says that it got no answer',
      find: 'conflicts: [], ...unreachedBy(error) }',
      replace: 'conflicts: [] }',
    },
    {
      id: 'simulated-unreached-connection-to-end-a-process',
      rule: 'the copy of an order to end a process says that nothing answered it',
      find: 'return { fenced: false, reason, ...unreachedBy(error) };',
      replace: 'return { fenced: false, reason };',
    },
    {
      id: 'simulated-unreached-end-of-a-process',
      rule: 'and that the order itself was not',
      find: 'isClosed ? null : { reason: describeError(error), ...unreachedBy(error) }',
      replace: 'isClosed ? null : { reason: describeError(error) }',
    },
    {
      id: 'simulated-unreached-end-is-told',
      rule: 'what the order came to is told as it is',
      find: 'return { fenced: false, ...refusal };',
      replace: 'return { fenced: false, reason: refusal.reason };',
    },
  ]),
  ...mutantsOf('lib/simulation/world/node-control.ts', SIMULATED_WORLD, [
    {
      id: 'simulated-shut-ways-are-remembered',
      rule: 'one simulated order remembers what the one before found',
      find: 'turns, ways, monotonicMs',
      replace: 'turns, ways: new ShutWays(), monotonicMs',
    },
  ]),
];
