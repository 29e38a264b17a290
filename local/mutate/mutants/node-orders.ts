/** What proves an order to a node. */
import { mutantsOf, type Mutant } from '../mutant';

const ORDERS = ['test/freeswitch/node-control.test'];
const SHUTDOWN = ['test/freeswitch/shutdown'];
const PROMOTION = ['test/freeswitch/promotion'];
const VERDICT = ['test/freeswitch/verdict'];

export const NODE_ORDERS: Mutant[] = [
  ...mutantsOf('lib/freeswitch/shutdown.ts', ORDERS, [
    {
      id: 'goodbye-is-no-order',
      rule: 'a node that hung up before the order is not said to have ended by it',
      find: 'if (!connection.isOpen) return await endsByItself(task, running);',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/freeswitch/promotion.ts', ORDERS, [
    {
      id: 'paused-is-not-full',
      rule: 'a paused node, which answers as a full one does, is not taken for serving',
      find: 'if (paused === true) return',
      replace: "if (paused === true) return null;\n  if (reply === '') return",
    },
    {
      id: 'unknown-pause-is-not-full',
      rule: 'a node that does not say whether it is paused is not taken for full',
      find: 'return paused === false ? null :',
      replace: 'return paused !== true ? null :',
    },
    {
      id: 'room-is-not-full',
      rule: 'a node with room for sessions is not taken for full, whatever it answers',
      find: 'if (sessions >= limit) return null;',
      replace: 'return null;',
    },
  ]),
  ...mutantsOf('lib/freeswitch/profile-questions.ts', ORDERS, [
    {
      id: 'only-full-hides-standby',
      rule: 'no other 503 counts as that of a full node',
      find: '/^503 Maximum Calls In Progress$/i',
      replace: '/^503 (Maximum Calls In Progress|System Busy)$/i',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/promote.ts',
    ['test/operations/converge-private'],
    [
      {
        id: 'promoted-as-chosen',
        rule: 'without a public address no later process of the chosen node is promoted',
        find: 'vip.elasticIp === null ? transition.to.coreUuid : null',
        replace: 'null',
      },
      {
        id: 'promoted-where-callers-are',
        rule: 'where callers are already, whatever answers there is promoted',
        find: 'vip.elasticIp === null ? transition.to.coreUuid : null',
        replace: 'transition.to.coreUuid',
      },
    ],
  ),
  ...mutantsOf('lib/freeswitch/node-control.ts', ORDERS, [
    {
      id: 'promoted-as-meant',
      rule: 'another process than the one that is meant is not promoted',
      find: 'if (meantUuid !== null && coreUuid !== meantUuid) {',
      replace: "if (meantUuid === '') {",
    },
    {
      id: 'demoted-not-serving',
      rule: 'a standby is believed when no profile takes new calls',
      find: '!mayStandBy(answer)',
      replace: "answer.where === ''",
    },
    {
      id: 'full-and-promoted',
      rule: 'a full node serves a VIP only where it reads as promoted',
      find: 'return promoted ? whyNotFull',
      replace: 'return promoted !== null ? whyNotFull',
    },
  ]),
  ...mutantsOf(
    'lib/aws/node-control-answer.ts',
    ['test/aws/node-control-client'],
    [
      {
        id: 'not-asked-is-not-unfit',
        rule: 'a function of the version before says nothing against a process',
        find: 'unfit === undefined ? {} : ',
        replace: '',
      },
      {
        id: 'database-is-read-in-an-answer',
        rule: 'what a node-control function says of the way to the database is heard',
        find: 'withoutDatabase === undefined',
        replace: 'withoutDatabase !== null',
      },
    ],
  ),
  ...mutantsOf(
    'lib/aws/node-control-client.ts',
    ['test/aws/node-control-client'],
    [
      {
        id: 'database-is-asked-for',
        rule: 'a node-control function is told to ask for the database',
        find: "{ action: 'check', node, vip, timeoutMs, asksDatabase }",
        replace: "{ action: 'check', node, vip, timeoutMs, asksDatabase: timeoutMs < 0 && asksDatabase }",
      },
    ],
  ),
  ...mutantsOf(
    'lambdas/node-control.ts',
    ['test/lambdas/node-control'],
    [
      {
        id: 'database-is-asked-for-in-the-function',
        rule: 'the function asks for the database when it is told to',
        find: 'timeoutMs, request.asksDatabase)',
        replace: 'timeoutMs)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/call-switch.ts',
    ['test/freeswitch/call-switch'],
    [
      {
        id: 'in-service-without-a-database',
        rule: 'a VIP in service is not put into standby for a recovery that could read no row',
        find: '      if (why !== null) throw refused(node, `${vip.id} is in service there',
        replace: "      if (why === '') throw refused(node, `${vip.id} is in service there",
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/call-switch.ts',
    ['test/freeswitch/node-recovery'],
    [
      {
        id: 'recovery-on-a-node-paused-since',
        rule: 'a node that was paused since its state was read recovers nothing, and loses nothing',
        find: 'if (paused !== null) throw refused(node, paused);',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/freeswitch/call-switch.ts',
    ['test/simulation/freeswitch/node-recovery'],
    [
      {
        id: 'simulated-recovery-on-a-node-paused-since',
        rule: 'nor does the simulated one',
        find: "if (await esl.api(leftMs, ({ isPaused }) => isPaused)) throw new OutsideRefused('it is paused');",
        replace: '',
      },
    ],
  ),
  ...mutantsOf('lib/freeswitch/database-question.ts', ORDERS, [
    {
      id: 'database-answers-with-a-count',
      rule: 'a node whose question for its rows fails does not reach its database',
      find: 'COUNTED.test(reply) ? null',
      replace: "reply !== '' ? null",
    },
    {
      id: 'database-is-silent',
      rule: 'silence is the answer of a node without a database',
      find: "if (!(error instanceof EslFailure) || error.kind !== 'silent') throw error;",
      replace: 'throw error;',
    },
    {
      id: 'database-leaves-time',
      rule: 'whoever asked hears of it in time',
      find: 'const SHARE = 0.6;',
      replace: 'const SHARE = 1.2;',
    },
  ]),
  ...mutantsOf(
    'lib/operations/node-orders.ts',
    ['test/operations/node-orders'],
    [
      {
        id: 'database-away-is-no-node-of-its-own',
        rule: 'no node is blamed for a database that answers nobody',
        find: 'return answers ? result : withoutWordOnDatabase(result);',
        replace: 'return result;',
      },
      {
        id: 'database-that-answers-us',
        rule: 'a node is blamed that the database answers everybody but',
        find: "return evidence?.verdict === 'ok';",
        replace: 'return false;',
      },
    ],
  ),
  ...mutantsOf('lib/freeswitch/promotion.ts', ORDERS, [
    {
      id: 'unfit-while-paused-in',
      rule: 'a process that is paused for incoming calls takes no caller over',
      find: 'whyPaused(esl, PAUSE_INBOUND_COMMAND, inbound) ??',
      replace: '',
    },
    {
      id: 'unfit-while-paused-out',
      rule: 'nor one that is paused for outgoing calls',
      find: ' ?? whyPaused(esl, PAUSE_OUTBOUND_COMMAND, outbound)',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/freeswitch/process-look.ts', ORDERS, [
    {
      id: 'unfit-while-paused',
      rule: 'one that is paused takes no caller over',
      find: '    paused ??\n',
      replace: '',
    },
    {
      id: 'unfit-without-a-name',
      rule: 'nor one that does not tell which it is',
      find: 'coreUuid === null ?',
      replace: "coreUuid === '' ?",
    },
    {
      id: 'unfit-while-not-ready',
      rule: 'nor one that does not say that it is ready',
      find: 'parseStatus(status)?.ready === true ?',
      replace: "status !== '' ?",
    },
  ]),
  ...mutantsOf('lib/freeswitch/shutdown.ts', SHUTDOWN, [
    {
      id: 'only-a-refusal-needs-no-order',
      rule: 'a node that could not be asked is not fenced by whoever answers next',
      find: "if (kind === 'refused' || hangsUp(kind)) return",
      replace: "if (kind !== 'aborted') return",
    },
    {
      id: 'refused-twice',
      rule: 'a port that refuses from the start is looked at again',
      find: 'if (last?.refuses === true && found.refuses) {',
      replace: 'if (found.refuses) {',
    },
    {
      id: 'refused-once-is-not-gone',
      rule: 'who answers after a first refusal may be the process that is meant, and is not taken for its successor',
      find: 'const found = await endWhoListens(task);',
      replace: "const found = await endWhoListens(last === null ? task : { ...task, coreUuid: '' });",
    },
    {
      id: 'hung-up-is-not-refused',
      rule: 'a process that hangs up is not gone: only a refusal is',
      find: "return { refuses: kind === 'refused', reason };",
      replace: 'return { refuses: true, reason };',
    },
    {
      id: 'refused-before-is-not-refused-now',
      rule: 'one refusal is not two',
      find: 'if (last?.refuses === true && found.refuses) {',
      replace: 'if (last?.refuses === true) {',
    },
    {
      id: 'hung-up-is-asked-again',
      rule: 'a process that hangs up on the first question may just be ending: it is asked again',
      find: "if (kind === 'refused' || hangsUp(kind)) return",
      replace: "if (kind === 'refused') return",
    },
    {
      id: 'hung-up-on-the-question-is-asked-again',
      rule: 'on a question as on a connection',
      find: 'task.leftMs()).catch(nobodyOr);',
      replace: 'task.leftMs());',
    },
    {
      id: 'goodbye-is-asked-again',
      rule: 'also where it says goodbye',
      find: "kind === 'closed' || kind === 'stopping';",
      replace: "kind === 'closed';",
    },
    {
      id: 'asked-again-has-an-end',
      rule: 'a process that hangs up again and again is asked four times',
      find: 'tries < MAX_TRIES && task.leftMs() > 0',
      replace: 'task.leftMs() > 0',
    },
    {
      id: 'no-order-without-incarnation',
      rule: 'a process that does not tell its incarnation is not told to end',
      find: "if (running === null) return { fenced: false, reason: 'the node does not tell its core_uuid: no order was sent' };",
      replace: "if (running === null) return proveGone(task, '', 'it does not tell');",
    },
    {
      id: 'no-order-to-another-incarnation',
      rule: 'another process than the one that is meant is not told to end',
      find: 'if (task.coreUuid !== null && running !== task.coreUuid) return restarted(task.coreUuid, running);',
      replace: '',
    },
    {
      id: 'meant-incarnation-is-not-gone',
      rule: 'the process that is meant is told to end, and not taken for another',
      find: 'task.coreUuid !== null && running !== task.coreUuid',
      replace: 'task.coreUuid !== null',
    },
    {
      id: 'answered-order-ends-nothing',
      rule: 'an order that is answered has ended nothing',
      find: 'if (refusal !== null) return { fenced: false, ...refusal };',
      replace: '',
    },
    {
      id: 'closed-is-no-proof',
      rule: 'a connection that closed is no proof: a look has to find the process gone',
      find: "return await proveGone(task, running, 'the connection closed after `fsctl shutdown now`');",
      replace: "return { fenced: true, proof: 'closed' };",
    },
    {
      id: 'the-old-process-answers',
      rule: 'the old process that answers is not gone',
      find: "if (found.kind === 'running' && found.coreUuid !== old) return restarted",
      replace: "if (found.kind === 'running') return restarted",
    },
    {
      id: 'an-unclear-look-proves-nothing',
      rule: 'a look that fails finds no other process',
      find: "if (found.kind === 'running' && found.coreUuid !== old) return restarted(old, found.coreUuid);",
      replace:
        "if (found.kind !== 'refused' && (found.kind !== 'running' || found.coreUuid !== old)) return restarted(old, '');",
    },
    {
      id: 'untold-incarnation-is-no-other',
      rule: 'who does not tell an incarnation is no other process',
      find: "return coreUuid === null ? { kind: 'unclear', detail: 'no core_uuid' } : { kind: 'running', coreUuid };",
      replace: "return { kind: 'running', coreUuid: coreUuid ?? '' };",
    },
    {
      id: 'only-a-refusal-is-gone',
      rule: 'a node that cannot be reached is not gone',
      find: "return failure.kind === 'refused' ? { kind: 'refused' }",
      replace: "return failure.kind !== 'aborted' ? { kind: 'refused' }",
    },
    {
      id: 'looks-end-with-the-time',
      rule: 'the looks end with the time of the order',
      find: 'looks < MAX_LOOKS && task.leftMs() > 0',
      replace: 'looks < MAX_LOOKS',
    },
    {
      id: 'foreign-error-proves-nothing',
      rule: 'an error that is not about the node proves nothing of it',
      find: "return new EslFailure('rejected', 'connect', error",
      replace: "return new EslFailure('refused', 'connect', error",
    },
  ]),
  ...mutantsOf('lib/freeswitch/promotion.ts', PROMOTION, [
    {
      id: 'promotion-reads-back',
      rule: 'a promotion is believed when it reads back',
      find: 'if (value.trim() === PROMOTED_VALUE) return { ok: true };',
      replace: 'if (value !== null) return { ok: true };',
    },
    {
      id: 'clearing-reads-back',
      rule: 'a promotion is taken back when it reads as unset',
      find: "if (value === '' || value === UNSET) return { ok: true };",
      replace: 'if (value !== null) return { ok: true };',
    },
    {
      id: 'empty-is-unset',
      rule: 'an empty variable is an unset one',
      find: "if (value === '' || value === UNSET) return { ok: true };",
      replace: 'if (value === UNSET) return { ok: true };',
    },
    {
      id: 'promoted-reads-so',
      rule: 'only what reads as promoted is promoted',
      find: '.trim() === PROMOTED_VALUE;\n}',
      replace: ".trim() !== '';\n}",
    },
    {
      id: 'untold-sessions-are-not-full',
      rule: 'a node that does not tell its sessions is not taken for full',
      find: 'if (sessions === null || limit === null) return',
      replace: "if ((sessions ?? limit) === '') return",
    },
    {
      id: 'untold-limit-is-not-full',
      rule: 'a node that does not tell its limit is not taken for full',
      find: 'if (sessions === null || limit === null) return',
      replace: 'if (sessions === null) return',
    },
    {
      id: 'every-profile-is-rescanned',
      rule: 'one profile that refuses its rescan fails the promotion',
      find: '    if (!last.ok) return last;\n',
      replace: '',
    },
    {
      id: 'rescan-is-said-to-be-complete',
      rule: 'a rescan is done when the node says so',
      find: "if (reply.includes('+OK scan complete')) {",
      replace: "if (reply !== '') {",
    },
    {
      id: 'names-are-safe',
      rule: 'a name that would start another argument is not sent',
      find: '[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/',
      replace: '[A-Za-z0-9].*$/',
    },
    {
      id: 'names-begin-with-no-dash',
      rule: 'a name that would be read as an option is not sent',
      find: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      replace: '^[A-Za-z0-9._-]{1,64}$',
    },
  ]),
  ...mutantsOf('lib/freeswitch/verdict.ts', VERDICT, [
    {
      id: 'worst-profile-speaks',
      rule: 'a VIP of which one profile is not served is an outage',
      find: "esl === 'ok' || esl === 'paused' ? WORST_FIRST",
      replace: "esl === 'rejected' ? WORST_FIRST",
    },
    {
      id: 'worst-profile-of-a-paused-node',
      rule: 'also on a paused node',
      find: "esl === 'ok' || esl === 'paused' ? WORST_FIRST",
      replace: "esl === 'ok' ? WORST_FIRST",
    },
    {
      id: 'best-profile-speaks-for-the-process',
      rule: 'one answer proves that a process lives whose ESL does not',
      find: ': [...WORST_FIRST].reverse();',
      replace: ': WORST_FIRST;',
    },
    {
      id: 'no-profile-is-silence',
      rule: 'a VIP without a profile is served by nobody',
      find: 'if (spoken === undefined) return NO_PROFILE;',
      replace: "if (spoken === undefined) return { ...NO_PROFILE, verdict: 'ok' };",
    },
    {
      id: 'full-by-esl',
      rule: 'a node at its limit is full, whatever OPTIONS says',
      find: 'limit > 0 && sessions >= limit;',
      replace: 'limit > 0 && sessions > limit;',
    },
    {
      id: 'no-limit-is-not-full',
      rule: 'a limit of none is no limit',
      find: ' && limit > 0 && sessions',
      replace: ' && sessions',
    },
    {
      id: 'full-only-where-sip-answers',
      rule: 'a full node that is silent is silent',
      find: "if (sip.verdict !== 'ok' || !full) return sip;",
      replace: 'if (!full) return sip;',
    },
  ]),
];
