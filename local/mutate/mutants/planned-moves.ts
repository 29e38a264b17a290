/** When a VIP may go home by itself, and when a planned move begins. */
import { mutantsOf, type Mutant } from '../mutant';

const FAILBACK = mutantsOf(
  'lib/domain/failback.ts',
  ['test/domain/failback'],
  [
    {
      id: 'failback-stable-window',
      rule: 'home was well for the whole stable window',
      find: 'if (fit.wellForMs < failbackAfterMs)',
      replace: 'if (fit.wellForMs < 0)',
    },
    {
      id: 'failback-held-for-long',
      rule: 'the present holder has held for the stable window',
      find: 'if (nowMs - lastChangeMs < failbackAfterMs) return',
      replace: 'if (nowMs - lastChangeMs < 0) return',
    },
    {
      id: 'failback-all-of-the-node',
      rule: 'all VIPs of a node go home, or none',
      find: 'if (staying.length > 0) return',
      replace: 'if (staying.length > 99) return',
    },
    {
      id: 'failback-nothing-in-flight',
      rule: 'a failback waits until no transition is in flight',
      find: 'const isMoving = snapshot.control.transitionsInFlight > 0 || snapshot.vips',
      replace: 'const isMoving = nowMs < 0 && snapshot.vips',
    },
    {
      id: 'failback-nothing-decided',
      rule: 'a failback waits for what the same judgement decided',
      find: "if (isMoving || decisions.some(({ kind }) => kind === 'change'))",
      replace: 'if (isMoving)',
    },
    {
      id: 'failback-no-block',
      rule: 'a failback waits for the end of every block period',
      find: 'snapshot.vips.find((state) => nowMs < blockEndsAtMs(snapshot, state))',
      replace: 'snapshot.vips.find((state) => nowMs < 0 * blockEndsAtMs(snapshot, state))',
    },
    {
      id: 'failback-within-the-cap',
      rule: 'a failback fits into maxTransitionsInFlight as a whole',
      find: 'if (unit.length > maxTransitionsInFlight) return',
      replace: 'if (unit.length > 99) return',
    },
    {
      id: 'failback-not-while-paused-inside',
      rule: 'a node whose FreeSWITCH is paused is not ended',
      find: 'if (isPausedInside) return',
      replace: 'if (isPausedInside && nowMs < 0) return',
    },
    {
      id: 'failback-not-while-the-database-is-troubled',
      rule: 'no process is ended for a move whose calls the database could not hand over',
      find: 'return troubled.length === 0 ? null',
      replace: 'return troubled.length < 99 ? null',
    },
    {
      id: 'failback-not-advised-while-the-database-is-troubled',
      rule: 'nor is a move advised then, as one that brings the calls along',
      find: '  if (databaseTrouble(snapshot, holder.nodeId, nowMs).length > 0) return decision;\n',
      replace: '',
    },
    {
      id: 'failback-one-node-at-a-time',
      rule: 'one node is emptied at a time',
      find: 'return mine === first ? changeOf',
      replace: 'return first !== undefined ? changeOf',
    },
    {
      id: 'failback-never-manual-only',
      rule: 'home is no node that only an operator may choose',
      find: 'vip?.candidates.find((nodeId) => !vip.manualOnly.includes(nodeId))',
      replace: 'vip?.candidates[0]',
    },
    {
      id: 'failback-only-when-well',
      rule: 'only a VIP that is well is moved home',
      find: "if (decision.kind !== 'none' || !decision.well) return null;",
      replace: "if (decision.kind !== 'none') return null;",
    },
    {
      id: 'failback-not-held-down',
      rule: 'home is out of its hold-down',
      find: 'if (home.wellForMs < snapshot.topology.policy.holdDownMs) return null;',
      replace: '',
    },
    {
      id: 'failback-not-with-a-lagging-clock',
      rule: 'a planned move does not make the calls wait for a clock',
      find: ' || home.behindHolderMs > 0',
      replace: '',
    },
  ],
);

const BEGIN = ['test/operations/converge-begin'];
const SAME_PROCESS = ['test/operations/converge-same-process'];
const SHARED = ['test/operations/converge-private-shared'];
const RETARGETED = ['test/operations/converge-planned-retargeted'];

export const PLANNED_MOVES: Mutant[] = [
  ...FAILBACK,
  ...mutantsOf('lib/operations/converge/run-steps.ts', BEGIN, [
    {
      id: 'planned-detach-waits-to-be-heard',
      rule: 'a planned move takes no address before node-control answers',
      find: 'detach: onceHeard(detachAddress)',
      replace: 'detach: detachAddress',
    },
    {
      id: 'planned-fence-waits-to-be-heard',
      rule: 'and ends no process',
      find: 'fence: onceHeard(fenceOldHolder)',
      replace: 'fence: fenceOldHolder',
    },
    {
      id: 'planned-stop-waits-to-be-heard',
      rule: 'and stops no instance because its process could not be ordered to end',
      find: 'stop: onceHeard(stopOldNode)',
      replace: 'stop: stopOldNode',
    },
    {
      id: 'planned-lock-waits-to-be-heard',
      rule: 'and locks nobody out because the target before this one died',
      find: 'lock: onceHeard(lockOldRole)',
      replace: 'lock: lockOldRole',
      tests: RETARGETED,
    },
  ]),
  ...mutantsOf('lib/domain/planned-move.ts', BEGIN, [
    {
      id: 'an-address-off-is-taken',
      rule: 'an address that is off is something taken',
      find: "? ['fence', 'detach'] : ['fence'];",
      replace: "? ['fence'] : ['fence'];",
    },
    {
      id: 'an-ended-process-is-taken',
      rule: 'a process that ended is something taken',
      find: "? ['fence', 'detach'] : ['fence'];",
      replace: "? ['detach'] : ['fence'];",
    },
    {
      id: 'no-address-takes-nothing',
      rule: 'a VIP without an Elastic IP loses nothing by step detach',
      find: "? ['fence', 'detach'] : ['fence'];",
      replace: "&& !hasElasticIp ? [] : ['fence', 'detach'];",
    },
  ]),
  ...mutantsOf('lib/operations/converge/begin.ts', BEGIN, [
    {
      id: 'planned-moves-alone-wait',
      rule: 'a failover does not wait for node-control',
      find: 'isPlanned(context) && nothingIsTaken(context)',
      replace: 'nothingIsTaken(context)',
    },
    {
      id: 'a-begun-move-goes-on',
      rule: 'a planned move that has taken something goes on without being heard',
      find: 'isPlanned(context) && nothingIsTaken(context)',
      replace: 'isPlanned(context)',
    },
    {
      id: 'what-the-chain-took',
      rule: 'what a stuck attempt took stays taken',
      find: ' &&\n    context.earlier.every(({ steps }) => takesNothing((step) => steps[step].status, hasElasticIp))',
      replace: '',
    },
    {
      id: 'asked-once-a-run',
      rule: 'no step of a run begins while another still waits to be heard',
      find: '(context.heard ??= askAll(context))',
      replace: 'askAll(context)',
    },
    {
      id: 'planned-to-a-node-with-a-database',
      rule: 'a planned move takes nothing while its target could read no row',
      find: 'there.withoutDatabase ?? whyRowsAreMissing(here, context)',
      replace: 'whyRowsAreMissing(here, context)',
    },
    {
      id: 'planned-from-a-node-with-a-database',
      rule: 'a planned move takes nothing while its old holder could write no row',
      find: 'there.withoutDatabase ?? whyRowsAreMissing(here, context)',
      replace: 'there.withoutDatabase ?? null',
    },
    {
      id: 'asked-of-the-one-that-serves',
      rule: 'whose rows move, and whom callers reach, is the first of the chain: a candidate that died has served nobody',
      find: 'return (earlier[0] ?? transition).from;',
      replace: 'return transition.from;',
      tests: RETARGETED,
    },
    {
      id: 'no-database-for-what-stays',
      rule: 'a move that goes back to its old holder takes no call from it, and asks nobody for a database',
      find: 'const movesCalls = endsProcess && topology.database !== null;',
      replace: 'const movesCalls = !isDrained && topology.database !== null;',
      tests: RETARGETED,
    },
    {
      id: 'no-database-where-nobody-serves',
      rule: 'new callers come first once the old holder serves nobody',
      find: 'return serves ? withoutDatabase : null;',
      replace: 'return serves === null ? null : withoutDatabase;',
    },
    {
      id: 'drained-without-a-database',
      rule: 'a drained move has no call to bring along, and asks nobody for a database',
      find: 'const movesCalls = endsProcess && topology.database !== null;',
      replace: 'const movesCalls = left?.nodeId !== to.id && topology.database !== null;',
    },
    {
      id: 'moves-of-a-cluster-without-a-database',
      rule: 'a cluster without a database is not asked for one',
      find: 'const movesCalls = endsProcess && topology.database !== null;',
      replace: 'const movesCalls = endsProcess;',
    },
    {
      id: 'others-of-the-process-are-asked-for',
      rule: 'no process is ended for one VIP whose other VIPs could not be served where they go',
      find: 'await whyOthersStay(context, left) : null',
      replace: 'null : null',
      tests: SAME_PROCESS,
    },
    {
      id: 'others-of-a-process-that-ends',
      rule: 'nobody is asked for where no process ends',
      find: 'endsProcess && left !== null',
      replace: 'left !== null',
      tests: SAME_PROCESS,
    },
    {
      id: 'silence-is-asked-again',
      rule: 'where nobody answered it is asked again',
      find: 'if (why !== null) context.heard = null;',
      replace: '',
    },
    {
      id: 'a-pause-is-read-before-it-waits',
      rule: 'a planned move that is paused is not called stuck for its waiting',
      find: '  await context.guard();\n',
      replace: '',
    },
    {
      id: 'only-silence-waits',
      rule: 'what is no silence of node-control is an error',
      find: 'if (!(error instanceof OutsideTimeout)) throw error;',
      replace: '',
    },
    {
      id: 'drained-to-whichever-process',
      rule: 'a drained VIP, which serves nobody, goes to whichever process runs',
      find: 'isDrained ? null : ',
      replace: '',
      tests: ['test/operations/converge-drained'],
    },
  ]),
  ...mutantsOf('lib/operations/converge/who-serves.ts', BEGIN, [
    {
      id: 'a-full-holder-serves',
      rule: 'a full holder serves the calls that it has',
      find: "new Set(['ok', 'busy'])",
      replace: "new Set(['ok'])",
    },
    {
      id: 'planned-to-a-node-that-can-serve',
      rule: 'a planned move takes nothing while its target is paused, rejects, or is not ready',
      find: 'if (unfit !== null) return unfit;',
      replace: '',
    },
    {
      id: 'planned-to-the-chosen-process',
      rule: 'a planned move takes nothing for another process than the chosen one',
      find: 'chosen === null || coreUuid === chosen ? null',
      replace: 'chosen === null || coreUuid !== null ? null',
    },
    {
      id: 'planned-to-a-process-not-named',
      rule: 'where no process was chosen by name whichever runs is the one',
      find: 'chosen === null || coreUuid === chosen ? null',
      replace: 'coreUuid === chosen ? null',
    },
    {
      id: 'planned-beside-the-version-before',
      rule: 'a node-control of the version before does not stop a planned move',
      find: 'if (unfit === undefined) return null;',
      replace: "if (unfit === undefined) return 'not told';",
    },
    {
      id: 'no-caller-by-a-majority',
      rule: 'a holder serves nobody where a majority of the configured observers says so',
      find: 'gone.length < quorumOf(topology.observers.length)',
      replace: 'gone.length < 1',
      tests: SAME_PROCESS,
    },
  ]),
  ...mutantsOf('lib/operations/converge/begin.ts', BEGIN, [
    {
      id: 'a-locked-holder-is-not-asked',
      rule: 'a holder that another VIP has locked out of the database is not waited for: it would never say a word',
      find: '(await isLockedOut(context, from))',
      replace: "(from.id === '' && (await isLockedOut(context, from)))",
    },
    {
      id: 'a-holder-in-service-is-asked',
      rule: 'one that nobody has locked is asked',
      find: 'nodeId === id && lockedBy !== null',
      replace: "nodeId === id && lockedBy !== ''",
    },
    {
      id: 'that-very-holder-is-locked',
      rule: 'whoever else is locked',
      find: 'nodeId === id && lockedBy !== null',
      replace: 'lockedBy !== null',
    },
  ]),
  ...mutantsOf('lib/operations/converge/same-process.ts', SAME_PROCESS, [
    {
      id: 'others-of-the-process-that-stay',
      rule: 'no process is ended that serves a VIP which does not leave it',
      find: '  if (staying !== undefined) return stayingInWords(staying, left);\n',
      replace: '',
    },
    {
      id: 'others-of-the-process-that-stay-there',
      rule: 'a VIP on another node keeps no one waiting',
      find: '  if (holder.nodeId !== left.nodeId) return false;\n',
      replace: '',
    },
    {
      id: 'others-of-another-process',
      rule: 'nor one on another process than the one that ends',
      find: 'left.coreUuid === null || holder.coreUuid === left.coreUuid;',
      replace: 'left.coreUuid !== undefined;',
    },
    {
      id: 'others-of-a-process-that-nobody-knows',
      rule: 'one whose process nobody has read may be on this one',
      find: 'holder.coreUuid === null || left.coreUuid === null || ',
      replace: '',
    },
    {
      id: 'others-of-the-process-that-died',
      rule: 'a VIP that died with the process keeps no one waiting',
      find: "return verdict.kind !== 'against' || verdict.cause === 'sip-stuck'",
      replace: "return verdict.kind !== 'no-quorum' || verdict.cause === 'sip-stuck'",
    },
    {
      id: 'others-of-the-process-with-stuck-sip',
      rule: 'calls of a VIP whose SIP alone is silent may live',
      find: " || verdict.cause === 'sip-stuck';",
      replace: ';',
    },
    {
      id: 'others-of-the-process-that-are-paused',
      rule: 'no process is ended for one VIP while another one that leaves it, too, is paused',
      find: '  if (paused !== null) return `${vip.id} ends',
      replace: "  if (paused === '') return `${vip.id} ends",
    },
    {
      id: 'others-of-the-process-to-a-paused-node',
      rule: 'nor while the node where that one goes is paused',
      find: 'deps.clock.wallMs(), [node.id])',
      replace: 'deps.clock.wallMs())',
    },
    {
      id: 'others-of-that-process',
      rule: 'a VIP that leaves another node keeps no one waiting',
      find: 'vip === undefined || holder?.nodeId !== nodeId',
      replace: 'vip === undefined || holder === null',
    },
    {
      id: 'others-of-the-process-that-are-served',
      rule: 'nor one that nobody serves any more',
      find: '(await mayServe(deps.store, nodeId, vip.id, deps.clock.wallMs())) ? askFor(context, vip, journal) : null',
      replace: 'askFor(context, vip, journal)',
    },
    {
      id: 'others-of-the-process-to-the-chosen-one',
      rule: 'another VIP is served only by the process that was chosen for it',
      find: 'timing.nodeTimeoutMs), to.coreUuid)',
      replace: 'timing.nodeTimeoutMs), null)',
    },
  ]),
  ...mutantsOf('lib/operations/converge/not-left.ts', SAME_PROCESS, [
    {
      id: 'others-of-the-process-that-are-not-done',
      rule: 'a move that is done keeps no other one waiting',
      find: " || journal.status === 'done'",
      replace: '',
    },
    {
      id: 'others-of-the-process-that-are-stuck',
      rule: 'callers of a move that got stuck before it took anything are served where they were',
      find: "|| journal.status === 'done'",
      replace: "|| journal.status !== 'open'",
    },
    {
      id: 'others-of-the-process-by-plan',
      rule: 'a failover keeps no one waiting, whose holder serves nobody',
      find: '!isPlannedMove(journal) || journal',
      replace: 'journal',
    },
    {
      id: 'others-of-the-process-from-the-first',
      rule: 'whom another VIP is served by is the first of its chain',
      find: '[first = journal] = chain',
      replace: '[first] = [journal]',
    },
    {
      id: 'others-of-the-process-that-were-drained',
      rule: 'one that was drained keeps no one waiting',
      find: '  if (!endsByOrder(first.cause)) return null;\n',
      replace: '',
    },
    {
      id: 'others-of-the-process-that-are-on-their-way',
      rule: 'nor one that has taken something already',
      find: 'return chain.every(({ steps }) => takesNothing(',
      replace: "return chain.every(({ steps }) => journal.id !== '' || takesNothing(",
    },
    {
      id: 'not-left-that-node',
      rule: 'a VIP that leaves another node does not keep this one running',
      find: 'holder?.nodeId === nodeId ? [',
      replace: 'holder !== null ? [',
      tests: SHARED,
    },
  ]),
  ...mutantsOf('lib/operations/converge/stop.ts', SHARED, [
    {
      id: 'stop-beside-a-move-that-has-not-begun',
      rule: 'a node is not stopped under callers whose planned move has taken nothing',
      find: '  if (leaving !== undefined) {',
      replace: "  if (leaving?.vipId === '') {",
    },
    {
      id: 'stop-beside-a-move-from-the-dead',
      rule: 'unless nobody is served there any more',
      find: '(await leavingByPlan(context, snapshot, node)).find(isServed)',
      replace: '(await leavingByPlan(context, snapshot, node)).at(0)',
    },
    {
      id: 'stop-of-a-move-that-asked',
      rule: 'a planned move has asked for them before it began, and does not wait once more',
      find: 'return isPlannedMove(transition) ? [] : notLeftYet',
      replace: 'return notLeftYet',
    },
  ]),
  ...mutantsOf(
    'lib/operations/return-to-service.ts',
    ['test/operations/return-to-service'],
    [
      {
        id: 'return-beside-a-move-that-has-not-begun',
        rule: 'nor to bring it back',
        find: '  if (leaving !== undefined) {',
        replace: "  if (leaving?.vipId === '') {",
      },
      {
        id: 'return-beside-a-move-from-the-dead',
        rule: 'unless its process has ended',
        find: '.find((vip) => !isDeadHolder(snapshot, vip, nowMs))',
        replace: '.at(0)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/rows-of-before.ts',
    ['test/operations/converge-switchover-calls'],
    [
      {
        id: 'rows-of-before-are-told',
        rule: 'a ledger says which calls a lock has cost',
        find: '    if (lockedBy === null) return [];\n',
        replace: "    if (lockedBy !== '') return [];\n",
      },
      {
        id: 'rows-of-before-its-own-lock',
        rule: 'and no such thing of what was locked as everybody left it',
        find: '    if (lock !== null && lock.decidedAtMs >= first.decidedAtMs) return [];\n',
        replace: '',
      },
      {
        id: 'rows-of-before-by-plan',
        rule: 'nor of a failover, whose callers nobody served since',
        find: '  if (!isPlannedMove(transition)) return [];\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/switchover-forecast.ts',
    ['test/operations/switchover.test'],
    [
      {
        id: 'forecast-of-a-locked-node',
        rule: 'a forecast by rows that stood still says so',
        find: 'if (lockedBy === null || topology.database === null) return [];',
        replace: "if (lockedBy !== '') return [];",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/withdrawn.ts',
    ['test/domain/withdrawn'],
    [
      {
        id: 'locked-out-holder-keeps-what-it-wrote',
        rule: 'nobody is told that a move keeps all calls of a holder that could not write them',
        find: 'hasRows ? LOCKED_REMEDY : ',
        replace: '',
      },
    ],
  ),
];
