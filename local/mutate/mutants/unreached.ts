/** Which answers of a node-control function say that its zone got none. */
import { mutantsOf, type Mutant } from '../mutant';

const UNREACHED = ['test/domain/unreached'];
const SHUTDOWN = ['test/freeswitch/shutdown'];
const SHIPPED_ORDERS = ['test/freeswitch/node-orders'];
const CLIENT = ['test/aws/node-control-client'];
const SIMULATED_ORDERS = ['test/simulation/freeswitch/node-orders', 'test/simulation/freeswitch/orders'];

export const UNREACHED_ANSWERS: Mutant[] = [
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
        find: 'reason: describeError(error), ...told, ...unreachedBy(error) };',
        replace: 'reason: describeError(error), ...told };',
      },
      {
        id: 'refused-count-is-answered',
        rule: 'a count that was refused was answered',
        find: 'reason: describeError(error), ...told, ...unreachedBy(error) };',
        replace: 'reason: describeError(error), ...told, unreached: true };',
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
        [
          'count',
          '...(told === false && { told }), ...no(why) }',
          '...(told === false && { told }), reason: no(why).reason }',
        ],
        ['forecast', '    ...unreached(place),\n', ''],
        ['inspection', 'conflicts: texts(conflicts), ...unreached(place) }', 'conflicts: texts(conflicts) }'],
      ] as const
    ).map(([what, find, replace]) => ({
      id: `unreached-${what}-over-the-wire`,
      rule: `that a function got no answer is heard: ${what}`,
      ...{ find, replace },
    })),
    {
      id: 'told-over-the-wire',
      rule: 'what a node was told is heard',
      find: 'return counts === null ? {} : { told: counts };',
      replace: 'return {};',
    },
    {
      id: 'not-told-over-the-wire',
      rule: 'and that it was told nothing',
      find: 'if (told === false) return { told };',
      replace: '',
    },
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
];
