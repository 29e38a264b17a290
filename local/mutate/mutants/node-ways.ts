/** From which zone a node is ordered, where no answer comes from the first. */
import { mutantsOf, type Mutant } from '../mutant';

const TURNS = ['test/domain/node-control-turns'];
const OPEN = ['test/freeswitch/esl/open'];
const CLIENT = ['test/aws/node-control-client'];
const SIMULATED_WORLD = ['test/simulation/world/node-control'];

export const NODE_WAYS: Mutant[] = [
  ...mutantsOf('lib/domain/node-control-turns.ts', TURNS, [
    {
      id: 'no-of-one-after-another-failed',
      rule: 'a no says where the function before failed: what that did nobody heard',
      find: 'return isUnheard && ',
      replace: 'return this.zones.length === 0 && ',
    },
    {
      id: 'no-of-one-after-another-got-nowhere',
      rule: 'one that got nowhere has done nothing',
      find: 'some((failure) => !(failure instanceof GotNowhere));',
      replace: 'some((failure) => failure instanceof Error);',
    },
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
      find: 'if (isShut) this.ways.shut(zone, node.id, nowMs);\n    else this',
      replace: 'if (!isShut) this',
    },
    {
      id: 'shut-way-from-its-answer-on',
      rule: 'it is remembered from the answer on that told it',
      find: 'if (isShut) this.ways.shut(zone, node.id, nowMs);',
      replace: 'if (isShut) this.ways.shut(zone, node.id, this.deadlineMs - this.order.timeoutMs);',
    },
    {
      id: 'shut-way-of-the-zone-that-was-asked',
      rule: 'as that of the zone that was asked',
      find: 'if (isShut) this.ways.shut(zone, node.id, nowMs);',
      replace: 'if (isShut) this.ways.shut(node.zone, node.id, nowMs);',
    },
    {
      id: 'open-way-is-noted',
      rule: 'a way that was found open is shut no more',
      find: '    else this.ways.open(zone, node.id);\n',
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
      find: 'if (isShut) this.ways.shut(zone, node.id, nowMs);',
      replace: 'if (isShut) this.ways.shut(zone, null, nowMs);',
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
      find: 'zonesToAsk({ zone: node.zone, is: turns.ownZone }, zones, isShut)',
      replace: 'zonesToAsk({ zone: node.zone, is: turns.ownZone }, zones)',
    },
    {
      id: 'unreached-is-asked-elsewhere',
      rule: 'a zone that got no answer is not the last word',
      find: "const isUnreached = 'unreached' in answer && answer.unreached === true;",
      replace: 'const isUnreached = nowMs < 0;',
    },
    {
      id: 'no-is-an-answer',
      rule: 'a node that says no is not asked again elsewhere',
      find: "const isUnreached = 'unreached' in answer && answer.unreached === true;",
      replace: "const isUnreached = 'reason' in answer;",
    },
    {
      id: 'nowhere-is-told',
      rule: 'where no zone got an answer that is the answer',
      find: 'this.answer ?? this.nowhere;',
      replace: 'this.answer;',
    },
    {
      id: 'nobody-after-an-answer',
      rule: 'an order that was answered is given to nobody else',
      find: '    if (this.answer !== null) return null;\n',
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
      find: "return this.turns.ownZone === 'last' && turn.zone === this.order.node.zone ? null : turn;",
      replace: 'return turn;',
    },
    {
      id: 'alone-only-from-outside',
      rule: 'an order may come from beside the node',
      find: "this.turns.ownZone === 'last' && turn.zone",
      replace: 'turn.zone',
    },
    {
      id: 'alone-only-beside',
      rule: 'from outside another zone may be asked',
      find: "this.turns.ownZone === 'last' && turn.zone === this.order.node.zone",
      replace: "this.turns.ownZone === 'last'",
    },
    {
      id: 'alone-only-where-nobody-reached-it',
      rule: 'where the function outside failed the own zone is asked',
      find: 'if (turn === null || this.nowhere === null) return turn;',
      replace: "if (turn === null || (this.nowhere === null && this.turns.ownZone === 'first')) return turn;",
    },
    {
      id: 'database-away-shuts-the-way',
      rule: 'a zone that does not reach the database is asked last',
      find: " || ('away' in answer && answer.away)",
      replace: '',
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
      find: 'if (turn === null || this.nowhere === null) return turn;',
      replace: 'if (turn === null) return turn;',
    },
    {
      id: 'silent-function-is-noted',
      rule: 'a function that gave no answer is remembered',
      find: '    this.ways.shut(zone, null, nowMs);\n',
      replace: '',
    },
    {
      id: 'silent-function-whatever-the-node',
      rule: 'whatever node it was asked about',
      find: 'this.ways.shut(zone, null, nowMs);',
      replace: 'this.ways.shut(zone, this.order.node.id, nowMs);',
    },
    {
      id: 'function-that-answers-is-noted',
      rule: 'a function that answers is silent no more',
      find: '    this.ways.open(zone, null);\n',
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
  ...mutantsOf(
    'lib/freeswitch/host/files/bin/secrets',
    ['test/freeswitch/host/scripts'],
    [
      {
        id: 'node-password-named-in-json',
        rule: 'a created node takes from a secret in JSON what the functions take',
        find: 'text=$(printf %s "$text" | jq -r \'.password | strings\')',
        replace: ':',
      },
      {
        id: 'node-password-that-is-a-text',
        rule: 'what is no text is no password',
        find: '.password | strings',
        replace: '.password',
      },
      {
        id: 'node-password-of-one-json',
        rule: 'a password may begin with a brace',
        find: "jq -es 'length == 1'",
        replace: 'jq -e .',
      },
      {
        id: 'node-password-without-line-end',
        rule: 'a line end behind a password is none of it',
        find: '"${text%"${text##*[!$\'\\r\\n\']}"}"',
        replace: '"$text"',
      },
      {
        id: 'node-password-that-is-none',
        rule: 'a node whose secret holds no password says so and does not start FreeSWITCH with an empty one',
        find: "    '')\n",
        replace: "    'none')\n",
      },
    ],
  ),
  ...mutantsOf(
    'lib/aws/esl-password.ts',
    ['test/aws/esl-password'],
    [
      {
        id: 'password-without-line-end',
        rule: 'a line end behind a password is none of it',
        find: ".replace(/[\\r\\n]+$/, '')",
        replace: '',
      },
      {
        id: 'password-that-is-none',
        rule: 'a secret without a password is refused',
        find: "password === '' ? null : password",
        replace: 'password',
      },
      {
        id: 'old-password-comes-at-once',
        rule: 'nobody waits for Secrets Manager while a password is known',
        find: 'if (known.dropped) return this.readOnce()',
        replace: 'if (known.dropped || this.sinceMs(known.askedAtMs) >= KEEP_FOR_MS) return this.readOnce()',
      },
      {
        id: 'old-password-is-read-anew',
        rule: 'an old password is read anew in the background',
        find: 'if (this.sinceMs(known.askedAtMs) >= KEEP_FOR_MS) this.readOnce().catch(() => undefined);',
        replace: '',
      },
      {
        id: 'refused-password-is-waited-for',
        rule: 'a password that a node refused is not tried again before it was read',
        find: 'if (known.dropped) return this.readOnce().catch(() => known.value);',
        replace: 'if (known.dropped) this.readOnce().catch(() => undefined);',
      },
      {
        id: 'background-read-fails-in-silence',
        rule: 'a read in the background that fails ends no process',
        find: 'KEEP_FOR_MS) this.readOnce().catch(() => undefined);',
        replace: 'KEEP_FOR_MS) void this.readOnce();',
      },
      {
        id: 'frozen-read-is-not-joined',
        rule: 'a read that was frozen with its function is waited for by nobody',
        find: ' && this.sinceMs(underWay.begunAtMs) <= SECRET_POLICY.totalTimeoutMs',
        replace: '',
      },
      {
        id: 'frozen-read-does-not-win',
        rule: 'what an older read brings replaces nothing newer',
        find: 'if (this.known === null || this.known.askedAtMs <= begunAtMs)',
        replace: 'if (begunAtMs >= 0)',
      },
      {
        id: 'password-as-old-as-its-question',
        rule: 'what a frozen read brings is no fresh password',
        find: 'askedAtMs: begunAtMs,',
        replace: 'askedAtMs: this.options.clock.monotonicMs(),',
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
      find: 'turns, this.ways, nowMs())',
      replace: 'turns, new ShutWays(), nowMs())',
    },
    {
      id: 'recovery-in-its-own-turns',
      rule: 'a recovery is not shared among zones as the other orders are',
      find: '(request, Object.keys(this.functions), turns,',
      replace: '(request, Object.keys(this.functions), turns === IN_TURNS ? turns : IN_TURNS,',
    },
  ]),
  ...mutantsOf('lib/simulation/world/node-control.ts', SIMULATED_WORLD, [
    {
      id: 'simulated-shut-ways-are-remembered',
      rule: 'one simulated order remembers what the one before found',
      find: 'turns, ways, process.monotonicMs())',
      replace: 'turns, new ShutWays(), process.monotonicMs())',
    },
  ]),
];
