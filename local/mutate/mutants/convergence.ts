/** What a convergence must not touch, and what it must have seen before. */
import { mutantsOf, type Mutant } from '../mutant';

const CONVERGE = ['test/operations/converge.test'];
const NAME = ['test/operations/converge-name'];
const PROOF = ['test/operations/no-effect-without-proof'];

export const CONVERGENCE: Mutant[] = [
  ...mutantsOf(
    'lib/operations/converge/address.ts',
    [...CONVERGE, ...PROOF],
    [
      {
        id: 'foreign-address',
        rule: 'an address of another deployment is never taken',
        find: 'if (owner !== null && owner !== context.topology.owner) {',
        replace: 'if (owner === "") {',
      },
      {
        id: 'foreign-occupant',
        rule: 'another address on the candidate’s is not displaced',
        find: 'if (occupant !== null && occupant.allocationId !== eip.allocationId) {',
        replace: 'if (occupant?.allocationId === "") {',
      },
      {
        id: 'exact-association',
        rule: 'exactly the association that was read is taken off',
        find: 'context.deps.elasticIps.detach(association.associationId)',
        replace: "context.deps.elasticIps.detach((await readOwn(context, eip.allocationId))?.associationId ?? '')",
      },
      {
        id: 'attach-reads-back',
        rule: 'an attach is believed when it reads back',
        find: 'if (!isTarget(context, after)) return notYet',
        replace: 'if (after?.associationId === "") return notYet',
      },
      {
        id: 'taken-is-not-attached',
        rule: 'an address that somebody else took is not ours',
        find: "if (answer === 'taken') return notYet(`${eip.publicIp} was taken between detach and attach`);",
        replace: '',
        survives:
          'the read-back behind it is the proof and says the same: without this line it only takes longer to say so',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/drift.ts',
    ['test/operations/converge-cluster', 'test/operations/maintenance'],
    [
      {
        id: 'drift-not-in-a-paused-cluster',
        rule: 'drift is left alone in a paused cluster',
        find: 'if (isPaused(snapshot.control, nowMs)) return;',
        replace: '',
        survives: 'the guard before each repair reads the pause again, and stops it all the same; this saves the reads',
      },
      {
        id: 'drift-not-of-a-paused-vip',
        rule: 'drift of a paused VIP or node is left alone',
        find: "vip.status === 'held' && !isPaused(vip, nowMs) && !pausedNodes.includes(vip.holder?.nodeId ?? '')",
        replace: "vip.status === 'held'",
      },
      {
        id: 'drift-of-one-that-seems-stuck',
        rule: 'a holder of which SIP alone is silent is not dead: callers are led back to it',
        find: " && verdict.cause !== 'sip-stuck'",
        replace: '',
      },
      {
        id: 'drift-not-to-a-dead-holder',
        rule: 'callers are not led back to a holder that a majority finds dead',
        find: "(verdict.kind === 'against' || verdict.kind === 'held-back')",
        replace: "verdict.kind === 'held-back'",
      },
      {
        id: 'drift-not-to-a-suspected-holder',
        rule: 'nor while not all of the observers agree',
        find: "(verdict.kind === 'against' || verdict.kind === 'held-back')",
        replace: "verdict.kind === 'against'",
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/recover-calls.ts',
    ['test/operations/recover-calls'],
    [
      {
        id: 'recovery-waits-for-its-clock',
        rule: 'no call is rebuilt by a clock that is behind what numbered it',
        find: 'if (behindMs <= maxClockBehindMs) return null;',
        replace: 'if (behindMs <= maxClockBehindMs || clockOffsetMs > -1e9) return null;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/recovery-time.ts',
    ['test/operations/recovery-order'],
    [
      {
        id: 'old-clock-stands-still',
        rule: 'time mends a clock that is behind the old holder’s',
        find: '- (nowMs - leftAtMs(journal)),',
        replace: '- 0 * (nowMs - leftAtMs(journal)),',
      },
      {
        id: 'old-clock-that-nobody-read',
        rule: 'a clock that nobody read counts as right when it was left',
        find: '(journal.oldClockOffsetMs ?? 0)',
        replace: '(journal.oldClockOffsetMs ?? Infinity)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/database/pg-call-database.ts',
    ['test/database/roles'],
    [
      {
        id: 'lock-reaches-all-of-a-node',
        rule: 'a lock is no proof while the node is signed in as another role',
        find: 'if (others.length > 0)',
        replace: 'if (others.length < 0)',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/count-meanwhile.ts', NAME, [
    {
      id: 'private-counted-at-once',
      rule: 'without a public address the calls are counted while the name is waited for',
      find: "  await runSteps(context, run, ['ledger'], clock.monotonicMs(), record);\n",
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/count-meanwhile.ts',
    ['test/operations/converge-counted-meanwhile'],
    [
      {
        id: 'counted-meanwhile',
        rule: 'calls are counted when their looks are due, whatever the journal waits for',
        find: ' === null ? null : takeLook(context);',
        replace: ' === null ? null : null;',
      },
      {
        id: 'counted-meanwhile-when-due',
        rule: 'and not before: an unanswered leg has its row for half a minute',
        find: 'return lookDue(calls, clock.wallMs()) === null ? null : takeLook',
        replace: 'return takeLook',
      },
      {
        id: 'counted-meanwhile-with-pauses',
        rule: 'a look that fails is not had by asking without a pause',
        find: 'restMs = why === null ? lookAtCallsEveryMs : namePatienceMs;',
        replace: 'restMs = lookAtCallsEveryMs;',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/converge.ts', NAME, [
    {
      id: 'private-restored-at-once',
      rule: 'without a public address the old node is brought back while the name is waited for',
      find: "['lock', 'restore']",
      replace: "['lock']",
    },
    {
      id: 'name-overdue-is-told',
      rule: 'a name that could not be written for ten minutes is told of',
      find: "if (!isSettled(run.records.dns)) await tellIfOverdue(context, current(), run, ['dns']);",
      replace: '',
    },
    {
      id: 'name-alone-is-not-stuck',
      rule: 'what waits for the name alone is tried for as long as it takes',
      find: 'const onlyName = waitsForName(waiting) && run.needsHuman === null;',
      replace: 'const onlyName = false;',
    },
  ]),
  ...mutantsOf('lib/operations/converge-cluster.ts', NAME, [
    {
      id: 'name-overdue-is-told-once',
      rule: 'a name that is not written is told once, and not each time its VIP is seen well',
      find: " && !(kind === 'vip-stuck' && keepsStuck(vipId))",
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/converge/dns.ts', NAME, [
    {
      id: 'unwritten-name-holds-nobody-up',
      rule: 'a name that was not written yet keeps no verification waiting',
      find: "name === null || context.statusOf('dns') !== 'done'",
      replace: 'name === null',
    },
    {
      id: 'unread-name-holds-nobody-up',
      rule: 'a name that cannot be read hides no address that was moved',
      find: 'describeError(error) });\n    return null;',
      replace: 'describeError(error) });\n    throw error;',
    },
    {
      id: 'name-leads-where-it-should',
      rule: 'a name that leads to the new holder already serves its callers',
      find: 'return nodeId === transition.to.nodeId ? null : { name, nodeId };',
      replace: 'return { name, nodeId };',
    },
    {
      id: 'name-last-written',
      rule: 'a name leads to the node of the last journal that wrote it',
      find: "if (earlier?.steps.dns.status !== 'done') continue;",
      replace: 'if (earlier === null) continue;',
    },
  ]),
  ...mutantsOf('lib/operations/converge/late-page.ts', NAME, [
    {
      id: 'late-page-asks-again',
      rule: 'a late page does not call those served whose new holder does not answer any more',
      find: 'promoted ? await reachedNow(context) : null',
      replace: 'promoted ? true : null',
    },
  ]),
  ...mutantsOf('lib/operations/converge/notify.ts', NAME, [
    {
      id: 'served-by-name-alone',
      rule: 'who has nothing but a name that leads elsewhere is not called served',
      find: 'behind !== null && publicIp === null ? false : reached',
      replace: 'reached',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/late-page.ts',
    ['test/operations/converge-page-news'],
    [
      {
        id: 'page-of-an-outcome-is-one',
        rule: 'an outcome that is known is paged once',
        find: " || context.transition.status === 'done') return;",
        replace: ') return;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/notify.ts',
    ['test/operations/converge-page-news'],
    [
      {
        id: 'page-is-no-old-news',
        rule: 'a page that comes late asks again whether callers are served',
        find: 'isNews ? true : await reachedNow(context)',
        replace: 'true',
      },
      {
        id: 'page-asks-for-the-address',
        rule: 'callers of an address that is elsewhere are not called served',
        find: 'isThere && serving ? true : null',
        replace: 'serving ? true : null',
      },
      {
        id: 'page-asks-for-the-node',
        rule: 'callers of a node that does not answer are not called served',
        find: 'isThere && serving ? true : null',
        replace: 'isThere ? true : null',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/notify.ts', CONVERGE, [
    {
      id: 'no-page-is-lost',
      rule: 'a page that could not be sent is told by the next one',
      find: 'untold.push(earlier);',
      replace: 'if (back < 1) untold.push(earlier);',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/ledger.ts',
    ['test/operations/converge-gateways'],
    [
      {
        id: 'rest-is-not-for-what-is-over',
        rule: 'an incident that is over interrupts no rest: the schedule tells it',
        find: 'incidents.some(({ overAtMs }) => overAtMs === null)',
        replace: 'incidents.length > 0',
        tests: ['test/operations/converge-calls'],
      },
      {
        id: 'gateways-have-their-time',
        rule: 'a gateway is called unregistered only when it had half a minute',
        find: 'if (gateways?.length !== 0 && !isLate) return',
        replace: 'if (gateways?.length === -1 && !isLate) return',
      },
      {
        id: 'unasked-gateways-are-not-counted',
        rule: 'gateways that could not be asked for count neither as back nor as missing',
        find: "if (gateways !== null) deps.metrics.count('UnregisteredGateways', gateways.length);\n  return done(says);",
        replace: "deps.metrics.count('UnregisteredGateways', gateways?.length ?? 0);\n  return done(says);",
      },
    ],
  ),
];
