/** What a step reads back before it is done, what proves that rows are fenced, and whose calls are whose. */
import { mutantsOf, type Mutant } from '../mutant';

const STEPS = [
  'test/operations/converge',
  'test/operations/lock-replaced',
  'test/operations/guard-before',
  'test/operations/no-effect-without-proof',
];
const SHARED = ['test/operations/converge-shared-process'];
const LEFT = ['test/operations/return-to-service', 'test/operations/converge-two-leave-one'];
const JOURNALS = ['test/domain/transition-steps'];

export const EFFECTS: Mutant[] = [
  ...mutantsOf('lib/operations/converge/fence.ts', SHARED, [
    {
      id: 'no-order-beside-another-vip',
      rule: 'a failover gives a process no order to end that may serve another VIP',
      find: 'isAsked ? null : await whoElseMayBeServed(context, old)',
      replace: 'isAsked ? null : null',
    },
    {
      id: 'no-order-beside-another-vip-on-the-way',
      rule: 'nor does a planned move whose candidate died on the way',
      find: " && cause !== 'candidate-died'",
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/freeswitch/esl/esl-probe.ts',
    ['test/freeswitch/node-probe'],
    [
      {
        id: 'unread-password-hides-no-refusal',
        rule: 'a port that refuses is told as that, also where no password can be read',
        find: "      case 'refused':\n        return unwell('refused',",
        replace: "      case 'refused':\n        return unwell('rejected',",
      },
      {
        id: 'unread-password-is-no-death',
        rule: 'a node that takes the connection is not dead because no password can be read',
        find: "return unwell('rejected', why, null);",
        replace: "return unwell('silent', why, null);",
      },
      {
        id: 'unread-password-without-time',
        rule: 'whom there was no time to ask is not silent',
        find: 'const reached = leftMs > 0 ? ',
        replace: 'const reached = leftMs > -Infinity ? ',
      },
      {
        id: 'unread-password-leaves-time',
        rule: 'a password that does not come leaves time to see whether anybody is there',
        find: 'timeoutMs * PASSWORD_SHARE',
        replace: 'timeoutMs * 2',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/node-control.ts',
    ['test/freeswitch/node-control'],
    [
      {
        id: 'promotion-goes-on',
        rule: 'a promotion goes on where the attempt before ended',
        find: 'vip.profiles.filter((profile) => !serving.includes(profile))',
        replace: 'vip.profiles.filter((profile) => profile !== serving[-1])',
      },
      {
        id: 'promotion-of-what-stands-by',
        rule: 'what is in standby is read again, though its variable is set',
        find: 'answers.filter(isServing).flatMap(',
        replace: 'answers.flatMap(',
      },
      {
        id: 'promotion-of-what-was-never-promoted',
        rule: 'what serves without having been promoted here is read again',
        find: '    if (!(await isPromoted(esl, vip.id, leftMs))) return [];\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/same-process.ts', SHARED, [
    {
      id: 'order-where-the-other-is-dead',
      rule: 'a VIP that is dead there keeps no order back',
      find: "return verdict.kind !== 'against' || verdict.cause !== 'conclusive-death';",
      replace: 'return verdict.kind !== undefined;',
    },
    {
      id: 'order-where-the-other-is-elsewhere',
      rule: 'nor one on another process',
      find: 'holder === null || !isSameProcess(holder, left)) return false;\n    const',
      replace: 'holder === null) return false;\n    const',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/same-process.ts',
    ['test/operations/converge-same-process'],
    [
      {
        id: 'unread-and-on-its-process',
        rule: 'no planned move ends a process that may serve a VIP whose journal cannot be read',
        find: '    return `${nodeId} may serve ${vipId}, and',
        replace: "    if (vipId === '') return `${nodeId} may serve ${vipId}, and",
      },
      {
        id: 'unread-and-elsewhere',
        rule: 'it does where nobody is served there',
        find: '    if (!(await mayServe(deps.store, nodeId, vipId, deps.clock.wallMs()))) continue;\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/not-left.ts', LEFT, [
    {
      id: 'stuck-with-its-address',
      rule: 'a node is not stopped under a failover that got stuck before it took the address',
      find: 'return chain.every(({ steps }) => steps.detach',
      replace: "return chain.every(({ steps }) => journal.id === '' && steps.detach",
    },
    {
      id: 'stuck-without-its-address',
      rule: 'it is where the address was taken',
      find: "steps.detach.status === 'pending'",
      replace: 'steps.detach.status !== undefined',
    },
    {
      id: 'under-way-with-its-address',
      rule: 'and where the failover is under way',
      find: "journal.status !== 'stuck' || ",
      replace: '',
    },
    {
      id: 'unread-and-served',
      rule: 'a VIP whose journal cannot be read counts where it is served',
      find: 'return isServed ? [',
      replace: 'return !isServed && false ? [',
    },
    {
      id: 'unread-and-not-served',
      rule: 'and nowhere else',
      find: 'return isServed ? [',
      replace: "return vipId !== '' || isServed ? [",
    },
  ]),
  ...mutantsOf(
    'lib/operations/chain.ts',
    ['test/operations/evaluate', ...LEFT],
    [
      {
        id: 'unread-journal-of-another',
        rule: 'a journal that cannot be read leaves its VIP alone, and no other',
        find: 'if (!(error instanceof MalformedItem)) throw error;',
        replace: 'throw error;',
      },
      {
        id: 'unread-store-away',
        rule: 'a store that does not answer is not taken for a journal that is missing',
        find: 'if (!(error instanceof MalformedItem)) throw error;',
        replace: '',
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/restore.ts', STEPS, [
    {
      id: 'restore-beside-a-later-change',
      rule: 'a node that a later change took out of service is not let in for this one',
      find: '      if (other !== null) return { back',
      replace: "      if (other === '') return { back",
    },
    {
      id: 'restore-beside-an-earlier-change',
      rule: 'it is where that was before',
      find: ' && journal.decidedAtMs > transition.decidedAtMs',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/converge/promote.ts', STEPS, [
    {
      id: 'verify-reads-the-address',
      rule: 'a change is verified where its address reads back',
      find: 'if (vip.elasticIp !== null && address?.association?.privateAddress !== context.targetAddress) {',
      replace: 'if (vip.elasticIp !== null && address?.association?.privateAddress === null) {',
    },
    {
      id: 'verify-puts-the-address-back',
      rule: 'an address that a stale actor moved is put back',
      find: '    await attachAddress(context);\n',
      replace: '',
    },
    {
      id: 'verify-reads-the-name',
      rule: 'a change is verified where its name reads back',
      find: '  if (elsewhere !== null) {',
      replace: "  if (elsewhere === '') {",
    },
    {
      id: 'verify-puts-the-name-back',
      rule: 'a name that a stale actor changed is put back',
      find: '    await repointName(context);\n',
      replace: '',
    },
    {
      id: 'verify-asks-the-node',
      rule: 'a change is verified where its node serves',
      find: '  if (!check.serving) {',
      replace: "  if (!check.serving && check.reason === '') {",
    },
    {
      id: 'verify-promotes-again',
      rule: 'a node that does not serve yet is promoted again',
      find: '    await promoteTarget(context);\n',
      replace: '',
    },
    {
      id: 'verify-is-for-those-calls',
      rule: 'a process that began anew has not the calls that were brought to the one before',
      find: '  if (restarted !== null) return restarted;\n',
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/operations/converge/address.ts',
    ['test/operations/converge.test'],
    [
      {
        id: 'address-that-is-there-already',
        rule: 'an address that is on the new holder already is not taken off',
        find: '  if (isTarget(context, association)) return done(',
        replace: "  if (eip.publicIp === '') return done(",
      },
      {
        id: 'address-that-was-attached-already',
        rule: 'nor put on once more',
        find: '  if (isTarget(context, before)) return done(',
        replace: "  if (eip.publicIp === '') return done(",
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/dns.ts',
    ['test/operations/converge-name'],
    [
      {
        id: 'name-of-another-owner',
        rule: 'a name that another cluster marked is not taken',
        find: 'old !== null && old.owner !== null && old.owner !== context.topology.owner',
        replace: "old !== null && old.owner === ''",
      },
      {
        id: 'name-that-is-there-already',
        rule: 'a name that reads as it should is not written again',
        find: 'if (pointsAtTarget(context, old)) return',
        replace: "if (old?.owner === '') return",
      },
      {
        id: 'name-reads-the-epoch',
        rule: 'a name of another epoch is written, wherever it points',
        find: 'record.epoch === context.transition.epoch',
        replace: 'record.epoch !== undefined',
      },
      {
        id: 'name-that-changed-meanwhile',
        rule: 'a name that changed between read and write is not written',
        find: "if (answer === 'stale') return",
        replace: "if (dns.name === '') return",
      },
    ],
  ),
  ...mutantsOf('lib/operations/converge/proved-gone.ts', STEPS, [
    {
      id: 'rows-not-by-the-address',
      rule: 'that the address is gone says nothing of rows',
      find: "!fenceProof.includes('(d)') && ",
      replace: '',
    },
    {
      id: 'rows-not-by-nobody-there',
      rule: 'that nobody answered the order says nothing of rows',
      find: ' && !fenceProof.includes(REFUSED_ALREADY)',
      replace: '',
    },
    {
      id: 'rows-not-without-proof',
      rule: 'no proof is none',
      find: 'fenceProof !== null && !fenceProof',
      replace: "!(fenceProof ?? '')",
    },
  ]),
  ...mutantsOf('lib/operations/converge/lock.ts', STEPS, [
    {
      id: 'rows-owed-by-a-pending-lock',
      rule: 'a lock that was not come to is owed',
      find: "journal.steps.lock.status === 'pending' || lacksRowProof(journal)",
      replace: 'lacksRowProof(journal)',
    },
    {
      id: 'rows-not-owed-by-who-lives-on',
      rule: 'who lives on owes no rows',
      find: '  if (livesOn(cause)) return false;\n',
      replace: '',
    },
    {
      id: 'rows-owed-without-an-end',
      rule: 'a lock that was skipped for an end that nobody proved is owed',
      find: "steps.lock.status === 'skipped' && steps.recover.status !== 'skipped' && !provesRows(steps.fence.proof)",
      replace: "steps.lock.status === 'failed'",
    },
  ]),
  ...mutantsOf('lib/domain/transition.ts', JOURNALS, [
    {
      id: 'no-recovery-without-a-database',
      rule: 'without a database there is nothing to recover',
      find: 'if (topology.database === null) return skipped(',
      replace: 'if (topology.version === null) return skipped(',
    },
    {
      id: 'no-recovery-of-a-first-holder',
      rule: 'a first holder has no calls to recover',
      find: 'if (change.from === null) return skipped(',
      replace: "if (change.vipId === '') return skipped(",
    },
    {
      id: 'no-recovery-on-the-same-process',
      rule: 'a process that is promoted again has its calls',
      find: "if (change.cause === 'holder-in-standby') return skipped(",
      replace: "if (change.vipId === '' && change.cause === 'holder-in-standby') return skipped(",
    },
    {
      id: 'no-lock-of-who-stays',
      rule: 'the role of a node that a VIP was drained from is not locked',
      find: "if (change.cause === 'operator-drained') return skipped(",
      replace: "if (change.vipId === '' && change.cause === 'operator-drained') return skipped(",
    },
    {
      id: 'no-lock-of-who-restarted',
      rule: 'the role of a node that goes on with a new process is not locked',
      find: "if (change.cause === 'restarted') return skipped(",
      replace: "if (change.vipId === '' && change.cause === 'restarted') return skipped(",
    },
    {
      id: 'no-lock-of-who-is-ended',
      rule: 'the role of a process that ends by order is not locked',
      find: "if (endsByOrder(change.cause) && change.transition !== 'failover') {",
      replace: "if (change.vipId === '') {",
    },
    {
      id: 'lock-of-a-failover-by-order',
      rule: 'a failover locks the role, whatever its cause',
      find: "endsByOrder(change.cause) && change.transition !== 'failover'",
      replace: 'endsByOrder(change.cause)',
    },
  ]),
  ...mutantsOf('lib/operations/converge/run-steps.ts', STEPS, [
    {
      id: 'step-of-an-older-epoch',
      rule: 'a step that finds a newer decision ends its run',
      find: "if (error instanceof Superseded) return { kind: 'superseded' };",
      replace: '',
    },
    {
      id: 'step-that-is-paused',
      rule: 'a pause is no failure of a step',
      find: '      run.metPause ||= !error.keepsFromWatch;\n',
      replace: '',
    },
    {
      id: 'step-that-needs-a-human',
      rule: 'what another owner marked, or AWS refuses for good, needs a human',
      find: 'error instanceof ForeignOwner || error instanceof OutsideRefused',
      replace: 'error instanceof RangeError',
    },
    {
      id: 'step-that-needs-a-human-for-an-owner',
      rule: 'what another owner marked needs a human',
      find: 'error instanceof ForeignOwner || ',
      replace: '',
    },
    {
      id: 'step-that-needs-a-human-for-a-no',
      rule: 'what AWS refuses for good needs a human',
      find: ' || error instanceof OutsideRefused',
      replace: '',
    },
    {
      id: 'journal-written-again',
      rule: 'a journal that could not be written is written again',
      find: 'if (tries >= 3) return false;',
      replace: 'if (tries >= 1) return false;',
    },
  ]),
  ...mutantsOf('lib/operations/converge/drift.ts', STEPS, [
    {
      id: 'drift-of-what-is-done',
      rule: 'drift is put back for a change that is done, and for no other',
      find: "if (journal?.status !== 'done') return;",
      replace: 'if (journal === null) return;',
    },
    {
      id: 'drift-by-one-at-a-time',
      rule: 'drift is put back by whoever has the lease',
      find: '  if (lease === null) return;\n',
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/operations/observe/observation.ts',
    ['test/operations/observe/'],
    [
      {
        id: 'blind-look-counts-nothing',
        rule: 'a look of an observer that is blind counts nothing',
        find: 'const counts = !context.blind && !context.jumped;',
        replace: 'const counts = !context.jumped;',
      },
      {
        id: 'jumped-look-counts-nothing',
        rule: 'a look in which the clock jumped counts nothing',
        find: 'const counts = !context.blind && !context.jumped;',
        replace: 'const counts = !context.blind;',
      },
      {
        id: 'late-silence-counts-nothing',
        rule: 'silence in a look that was late itself counts nothing',
        find: "counts && !(look.late === true && verdict === 'silent')",
        replace: 'counts',
      },
      {
        id: 'inherit-not-from-the-blind',
        rule: 'counters of an observer that was blind are dropped',
        find: '!written.blind && !written.muted',
        replace: '!written.muted',
      },
      {
        id: 'inherit-not-from-the-muted',
        rule: 'counters of an observer that was muted are dropped',
        find: '!written.blind && !written.muted',
        replace: '!written.blind',
      },
      {
        id: 'inherit-not-from-of-old',
        rule: 'counters that are old are dropped',
        find: ' && isFresh(written, nowMs, policy.freshForMs);',
        replace: ';',
      },
    ],
  ),
];
