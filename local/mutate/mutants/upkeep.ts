/** What a node is told and let back in by, and what wakes and judges. */
import { mutantsOf, type Mutant } from '../mutant';

const RETURN = ['test/operations/return-to-service', 'test/operations/maintenance-window'];
const RETARGETED = ['test/operations/converge-planned-retargeted'];

export const UPKEEP: Mutant[] = [
  ...mutantsOf('lib/operations/return-to-service.ts', RETURN, [
    {
      id: 'return-nothing-to-restore',
      rule: 'an instance that is gone is not waited for',
      find: "view === undefined || view.state === 'terminated' || view.state === 'shutting-down'",
      replace: 'view === undefined',
    },
    {
      id: 'return-guard-before-unlock',
      rule: 'the epoch and the pause are read before a role is unlocked',
      find: `    await guard();
    if (snapshot.topology.database`,
      replace: '    if (snapshot.topology.database',
    },
    {
      id: 'return-guard-before-start',
      rule: 'the epoch and the pause are read before an instance is started',
      find: `    await guard();
    await deps.instances.start`,
      replace: '    await deps.instances.start',
    },
    {
      id: 'return-guard-before-stop',
      rule: 'the epoch and the pause are read before an instance is stopped',
      find: `  await guard();
  await deps.instances.forceStop`,
      replace: '  await deps.instances.forceStop',
    },
    {
      id: 'return-unlocked-or-out',
      rule: 'a node whose role is locked stays out of service',
      find: 'if (!answer.unlocked) return',
      replace: "if (node.id === '') return",
    },
    {
      id: 'return-unlocks',
      rule: 'a node is in service again once its role is unlocked',
      find: 'if (state !== undefined && state.lockedBy !== null) await deps.store.setLockedOut(node.id, null);',
      replace: '',
    },
    {
      id: 'return-not-let-in-while-it-stops',
      rule: 'a node that EC2 stops is not let in: nobody would start it after that',
      find: "if (instanceState !== 'running') return false;",
      replace: '',
    },
    {
      id: 'return-started-before-it-is-forgotten',
      rule: 'a node whose start failed stays out of service, so that the next look starts it',
      find: `  const isStopped = view.state === 'stopped';`,
      replace: `  if (state !== undefined) await deps.store.setLockedOut(node.id, null);
  const isStopped = view.state === 'stopped';`,
    },
    {
      id: 'return-without-a-database',
      rule: 'without a database there is no role to unlock',
      find: 'snapshot.topology.database !== null && node.databaseRole !== null',
      replace: 'node.databaseRole !== null',
    },
    {
      id: 'return-without-a-role',
      rule: 'a node without a role has none to unlock',
      find: 'snapshot.topology.database !== null && node.databaseRole !== null',
      replace: 'snapshot.topology.database !== null',
    },
    {
      id: 'return-starts-what-it-stopped',
      rule: 'a node that its owner stopped is started by its owner',
      find: 'policy.stopFailedNode && policy.restoreFailedNode',
      replace: 'policy.restoreFailedNode',
    },
    {
      id: 'return-starts-by-policy',
      rule: 'a failed node is started where the policy says so',
      find: 'policy.stopFailedNode && policy.restoreFailedNode',
      replace: 'policy.stopFailedNode',
    },
    {
      id: 'return-stopped-is-proof',
      rule: 'a stopped instance runs no process',
      find: "if (instanceState === 'stopped') return true;",
      replace: '',
    },
    {
      id: 'return-by-a-successor',
      rule: 'a process that nobody sees, or that is the old one itself, is not proved gone',
      find: 'return successorOn(snapshot, node.id, oldCoreUuids, nowMs) !== null;',
      replace: "return successorOn(snapshot, node.id, oldCoreUuids, nowMs) !== '';",
    },
    {
      id: 'return-stops-once',
      rule: 'an instance that stops is not ordered to again',
      find: "if (instanceState !== 'running') return notYet",
      replace: "if (instanceState === '') return notYet",
    },
    {
      id: 'return-stops-a-dead-holder',
      rule: 'a node that is dead is stopped although it holds another VIP',
      find: ' && !isDeadHolder(snapshot, vip, nowMs)',
      replace: '',
    },
    {
      id: 'return-suspected-may-serve',
      rule: 'a holder that is merely silent may serve, and is not stopped',
      find: " && verdict.cause === 'conclusive-death'",
      replace: '',
    },
    {
      id: 'return-back-when-fit',
      rule: 'a node is back when it is fit to take over',
      find: 'if (judged.some((each) => each?.eligible === true)) return',
      replace: 'if (judged.length > 0) return',
    },
    {
      id: 'return-back-with-a-vip',
      rule: 'a node that holds a VIP again is back',
      find: 'if (held.length > 0) return',
      replace: 'if (held.length > 99) return',
    },
    {
      id: 'return-reads-again',
      rule: 'a node that was let in just now is judged as one in service',
      find: 'return seenFit(await deps.store.readCluster(), node',
      replace: 'return seenFit(snapshot, node',
    },
  ]),
  ...mutantsOf('lib/operations/restore-left-behind.ts', RETURN, [
    {
      id: 'left-behind-not-in-a-paused-cluster',
      rule: 'nothing is restored in a paused cluster',
      find: 'if (isPaused(snapshot.control, deps.clock.wallMs())) return;',
      replace: '',
    },
    {
      id: 'left-behind-locked-alone',
      rule: 'a node in service is not restored',
      find: ' || state.lockedBy === null',
      replace: '',
    },
    {
      id: 'left-behind-not-in-maintenance',
      rule: 'a paused node is not restored',
      find: ' || isPaused(state, deps.clock.wallMs())',
      replace: '',
      survives: '`returnToService` reads the pause of the node itself; this one saves the reads',
    },
    {
      id: 'left-behind-told-and-no-other-held-up',
      rule: 'a node that could not be brought back holds up no other',
      find: "        deps.metrics.count('ConvergenceErrors', 1, { step: 'restore' });",
      replace: "        deps.metrics.count('ConvergenceErrors', 1, { step: 'restore' });\n        throw error;",
    },
    {
      id: 'left-behind-not-its-own',
      rule: 'the present journal restores its own node',
      find: 'if (isItsOwn(snapshot, journal, chain, node.id)) return;',
      replace: '',
    },
    {
      id: 'left-behind-by-a-stuck-one',
      rule: 'the node of a stuck journal is let in',
      find: "if (journal === null || journal.status === 'stuck') return false;",
      replace: 'if (journal === null) return false;',
    },
    {
      id: 'left-behind-by-a-done-one',
      rule: 'the node of a journal that is done with it is let in',
      find: 'const hasNone = isSettled(journal.steps.restore) || ',
      replace: 'const hasNone = ',
    },
    {
      id: 'left-behind-done-and-restoring',
      rule: 'a journal that is done restores its node itself until it has',
      find: "if (journal.status === 'done' && hasNone) return false;",
      replace: "if (journal.status === 'done') return false;",
    },
    {
      id: 'left-behind-and-not-lost',
      rule: 'the holder of a planned move that was locked out is let in, whatever became of the candidate that died',
      find: ' || !lostBy(chain).some((lost) => lost.nodeId === nodeId)',
      replace: '',
      tests: RETARGETED,
    },
    {
      id: 'left-behind-once-done',
      rule: 'a holder that is locked out is not stopped while the move is under way',
      find: "if (journal.status === 'done' && hasNone) return false;",
      replace: 'if (hasNone) return false;',
      tests: RETARGETED,
    },
    {
      id: 'left-behind-by-an-older-epoch',
      rule: 'the node of an older epoch is let in',
      find: 'vip.vipId === journal.vipId && vip.epoch === journal.epoch',
      replace: 'vip.vipId === journal.vipId',
    },
    {
      id: 'left-behind-of-that-vip',
      rule: 'the epoch of another VIP says nothing',
      find: 'vip.vipId === journal.vipId && vip.epoch === journal.epoch',
      replace: 'vip.epoch === journal.epoch',
    },
    {
      id: 'left-behind-not-of-a-paused-vip',
      rule: 'nothing is mutated for a paused VIP',
      find: 'if (paused !== null) throw',
      replace: 'if (paused === "") throw',
    },
    {
      id: 'left-behind-of-the-whole-chain',
      rule: 'incarnations that a predecessor left are not let in',
      find: '[...(await earlierInChain(deps.store, journal)), journal]',
      replace: '[journal]',
    },
    {
      id: 'left-behind-of-that-node',
      rule: 'incarnations of other nodes are none of this one',
      find: 'each.from?.nodeId === nodeId ?',
      replace: 'each.from !== null ?',
    },
  ]),
  ...mutantsOf(
    'lib/operations/rehearse.ts',
    ['test/operations/rehearse'],
    [
      {
        id: 'rehearse-never-throws',
        rule: 'a way that is shut keeps no other from being tried',
        find: 'isShut(node, `the way to ${node.id} is shut`, vip, describeError(error));',
        replace: 'isShut(node, `the way to ${node.id} is shut`, vip, describeError(error));\n        throw error;',
      },
      {
        id: 'rehearse-the-database',
        rule: 'a node that does not reach its database is counted',
        find: "if (typeof withoutDatabase === 'string')",
        replace: "if (withoutDatabase === '')",
      },
      {
        id: 'rehearse-the-database-once',
        rule: 'a node is asked for its database once',
        find: ' && vip === firstOf(ways, node)',
        replace: '',
      },
      {
        id: 'rehearse-no-locked-role',
        rule: 'a node that may not log in is not asked for its database',
        find: 'nodeId === id && lockedBy === null',
        replace: 'nodeId === id && lockedBy !== id',
      },
      {
        id: 'rehearse-tells',
        rule: 'a way that is shut is counted',
        find: "    deps.metrics.count('RehearsalErrors', 1, { node: node.id });\n",
        replace: '',
      },
      {
        id: 'rehearse-candidates-alone',
        rule: 'a node is asked for VIPs that it may take alone',
        find: 'vip.candidates.includes(node.id)',
        replace: 'node.id !== ""',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/tell-incidents.ts',
    ['test/operations/converge-cluster'],
    [
      {
        id: 'old-news-is-forgotten',
        rule: 'an incident that is over and that nobody could be told of for a day is forgotten',
        find: 'clock.wallMs() - overAtMs > TOLD_WITHIN_MS',
        replace: 'clock.wallMs() < overAtMs',
      },
      {
        id: 'news-is-kept-for-a-day',
        rule: 'and no sooner',
        find: 'clock.wallMs() - overAtMs > TOLD_WITHIN_MS',
        replace: 'clock.wallMs() - overAtMs > TOLD_WITHIN_MS / 2',
      },
      {
        id: 'incident-page-by-page',
        rule: 'an incident that could not be told is tried again',
        find: 'if (failed !== undefined) throw failed.reason;',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge-cluster.ts',
    ['test/operations/converge-cluster'],
    [
      {
        id: 'over-is-told-by-the-schedule',
        rule: 'an incident that is over is told by the schedule alone, and so once',
        find: 'untold.filter(({ overAtMs }) => overAtMs === null)',
        replace: 'untold',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge-cluster.ts',
    ['test/simulation/one-lane'],
    [
      {
        id: 'one-lane-holds-nobody-up',
        rule: 'a change that follows another one of its VIP does not wait for what that one has under way',
        find: '      await convergeMeanwhile(deps, { vipId, epoch }, working, timing ?? DEFAULT_TIMING);\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge-meanwhile.ts',
    ['test/operations/converge-meanwhile'],
    [
      {
        id: 'meanwhile-later-ones-alone',
        rule: 'an invocation begins what was decided after its own journal',
        find: ' && epoch > own.epoch',
        replace: '',
      },
      {
        id: 'meanwhile-of-its-vip',
        rule: 'an invocation begins what the stream holds up behind it, and no other VIP’s',
        find: 'vipId === own.vipId && ',
        replace: '',
      },
      {
        id: 'meanwhile-begun-once',
        rule: 'what could not be begun beside another change is left to its own record',
        find: ' && !begun.has(id)',
        replace: '',
      },
      {
        id: 'meanwhile-left-alone',
        rule: 'what somebody works on is not begun beside another change',
        find: ' || !isLeftAlone(each, clock.wallMs())',
        replace: '',
      },
      {
        id: 'meanwhile-ends',
        rule: 'an invocation ends when all that it works on has ended',
        find: '      if (underWay.size === 0) idle.abort();\n',
        replace: '',
      },
      {
        id: 'meanwhile-goes-on-looking',
        rule: 'what follows the change that was begun is begun as well',
        find: '  track(working);\n',
        replace: '  working.then(() => idle.abort(), () => idle.abort());\n',
      },
      {
        id: 'meanwhile-within-its-budget',
        rule: 'nothing is begun beside another change that could not be ended in the time of the invocation',
        find: 'timing.budgetMs - LEAST_BUDGET_MS',
        replace: 'timing.budgetMs',
      },
      {
        id: 'meanwhile-is-waited-for',
        rule: 'what was begun beside another change is ended',
        find: '  await Promise.all(underWay);\n',
        replace: '',
      },
      {
        id: 'meanwhile-asks-again',
        rule: 'a store that does not answer for a moment ends no look for what else was decided',
        find: "      failed('what was decided could not be read', error);\n      return [];",
        replace: '      throw error;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/converge/page-text.ts',
    ['test/operations/page-text'],
    [
      {
        id: 'over-is-not-told-as-lasting',
        rule: 'the page of an incident that is over asks nobody to do what mends it',
        find: 'isOver ? status : text.next(command)',
        replace: 'text.next(command)',
      },
      {
        id: 'over-of-no-vip',
        rule: 'that a zone is back, or a node, does not say that callers are served',
        find: 'isOver && incident.vipId !== null',
        replace: 'isOver',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/wake.ts',
    ['test/operations/wake'],
    [
      {
        id: 'wake-incident',
        rule: 'an incident is told at once',
        find: "if (pk.startsWith('incident#')) return { kind: 'incident' };",
        replace: '',
      },
      {
        id: 'wake-not-for-everything',
        rule: 'an item that is neither wakes nobody',
        find: "return journal === null ? null : { kind: 'journal', ...journal };",
        replace: "return { kind: 'journal', ...journal! };",
      },
      {
        id: 'wake-keys',
        rule: 'a record without keys is told, and taken for none',
        find: 'if (pk === undefined || sk === undefined) {',
        replace: 'if (pk === undefined || sk === undefined) return null;\n  if (pk === "") {',
      },
      {
        id: 'wake-one-holds-up-no-other',
        rule: 'a record that cannot be read holds up no other',
        find: 'if (error instanceof MalformedEvent) return error;',
        replace: '',
      },
      {
        id: 'wake-schedule',
        rule: 'an event without records is the schedule',
        find: "if (!Array.isArray(event.Records)) return { wakes: [{ kind: 'schedule' }], malformed: [] };",
        replace: 'if (!Array.isArray(event.Records)) return { wakes: [], malformed: [] };',
      },
      {
        id: 'wake-by-an-event',
        rule: 'what is no event is refused',
        find: 'if (!isObject(event))',
        replace: 'if (event === undefined)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/transition-limit.ts',
    ['test/operations/evaluate'],
    [
      {
        id: 'transition-limit-lasts',
        rule: 'a change that waits its turn for seconds wakes nobody',
        find: 'unservedForLong(snapshot, state, from, lastingMs(policy), nowMs)',
        replace: 'unservedForLong(snapshot, state, from, 0, nowMs)',
      },
      {
        id: 'transition-limit-first-holder',
        rule: 'a VIP that nobody held yet waits as long as one for which no node is fit',
        find: 'nowMs - state.changedAtMs > NO_HOLDER_PATIENCE_MS',
        replace: 'nowMs > state.changedAtMs',
      },
      {
        id: 'transition-limit-under-way',
        rule: 'the page of a change that waits names what keeps the place',
        find: "status === 'open'",
        replace: "status === 'done'",
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/evaluate.ts',
    ['test/operations/evaluate'],
    [
      {
        id: 'evaluate-refused-by-the-cap',
        rule: 'a change that the cap refuses for long is told',
        find: 'return page === null ? undefined : raise(deps, page);',
        replace: 'return page === null ? undefined : undefined;',
      },
      {
        id: 'evaluate-refused-by-another-clause',
        rule: 'what another clause refuses is no page of the cap',
        find: "if (!outcome.clauses.includes('below-transition-cap')) return;",
        replace: '',
      },
      {
        id: 'evaluate-none-hides-another',
        rule: 'one VIP’s failure never hides another’s',
        find: 'Promise.allSettled(',
        replace: 'Promise.all(',
      },
      {
        id: 'evaluate-failures-of-that-vip',
        rule: 'the failovers of another VIP are none of this one',
        find: 'vips.filter(({ vipId }) => vipId === decision.vipId)',
        replace: 'vips',
      },
      {
        id: 'evaluate-refused-is-not-decided',
        rule: 'a decision that the store refused is not counted as made',
        find: "if (outcome.outcome === 'refused') {",
        replace: 'if (outcome.outcome === undefined) {',
      },
      {
        id: 'evaluate-unwritten-is-counted',
        rule: 'a decision that could not be written is counted',
        find: "if (failures.length > 0) deps.metrics.count('DecisionErrors', failures.length);",
        replace: '',
      },
      {
        id: 'evaluate-learns',
        rule: 'an incarnation that was not known is learnt',
        find: 'return deps.store.learnHolderCoreUuid(decision.vipId, decision.epoch, decision.coreUuid);',
        replace: 'return;',
      },
      {
        id: 'evaluate-journal-of-the-epoch',
        rule: 'a VIP on its way is judged by the journal of its epoch',
        find: 'journalIfReadable(deps, vipId, epoch, unreadable)',
        replace: 'journalIfReadable(deps, vipId, epoch - 1, unreadable)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/instance-evidence.ts',
    ['test/operations/instance-evidence'],
    [
      {
        id: 'instance-says-nothing',
        rule: 'an alarm without data says nothing',
        find: "return value === 'OK' ? { instanceId, state: 'running', atMs, inPlaceOf: IMPAIRED } : null;",
        replace: "return { instanceId, state: 'running', atMs, inPlaceOf: IMPAIRED };",
      },
      {
        id: 'instance-takes-back-its-own',
        rule: 'an alarm that is well takes back what an alarm said alone',
        find: "state: 'running', atMs, inPlaceOf: IMPAIRED }",
        replace: "state: 'running', atMs }",
      },
      {
        id: 'instance-takes-back-by-name',
        rule: 'what an alarm said is taken back in place of that alone',
        find: 'atMs: saidAtMs }, inPlaceOf)',
        replace: 'atMs: saidAtMs })',
      },
      {
        id: 'instance-of-ours',
        rule: 'an instance that is no node is left alone',
        find: 'topology.nodes.find((each) => each.instanceId === instanceId)',
        replace: 'topology.nodes.find((each) => each.instanceId !== "")',
      },
      {
        id: 'instance-not-ahead',
        rule: 'what is dated ahead does not outlast what is said until then',
        find: 'Math.min(atMs, deps.clock.wallMs())',
        replace: 'atMs',
      },
      {
        id: 'instance-has-a-date',
        rule: 'evidence without a date is refused',
        find: "if (Number.isNaN(atMs)) throw malformed('its time is not a date');",
        replace: '',
      },
      {
        id: 'instance-known-events',
        rule: 'another event is refused',
        find: "      throw malformed(`its detail-type is neither '${STATE_CHANGE}' nor '${ALARM_CHANGE}'`);",
        replace: '      return null;',
      },
      {
        id: 'instance-alarm-of-status-checks',
        rule: 'an alarm on something else says nothing of an instance',
        find: 'namespace !== STATUS_CHECKS.namespace || name !== STATUS_CHECKS.name',
        replace: 'namespace !== STATUS_CHECKS.namespace',
      },
      {
        id: 'instance-alarm-of-ec2',
        rule: 'a metric of the same name elsewhere says nothing of an instance',
        find: 'namespace !== STATUS_CHECKS.namespace || name !== STATUS_CHECKS.name',
        replace: 'name !== STATUS_CHECKS.name',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/node-orders.ts',
    ['test/operations/node-orders'],
    [
      {
        id: 'level-of-writers',
        rule: 'a role that cannot write is no gap in the lock',
        find: 'writes && role !== databaseRole',
        replace: 'role !== databaseRole',
      },
      {
        id: 'level-of-others',
        rule: 'a node that is signed in as itself has no gap in the lock',
        find: 'writes && role !== databaseRole',
        replace: 'writes',
      },
      {
        id: 'level-database-away',
        rule: 'a database that is away changes no level',
        find: `    } catch {
      // A database that is away is another page's matter; what ESL says of the node stands.
      return null;`,
        replace: `    } catch (error) {
      throw error;`,
      },
      {
        id: 'level-without-a-role',
        rule: 'a node without a role of its own has no lock to reach past',
        find: 'databaseRole === null || database?.sessionsFrom',
        replace: 'database?.sessionsFrom',
      },
      {
        id: 'level-one-at-most',
        rule: 'a node whose sessions no lock reaches is not level 2',
        find: 'return { ...inspection, level: 1, missing: [gap] };',
        replace: 'return { ...inspection, missing: [gap] };',
      },
      {
        id: 'level-not-raised',
        rule: 'a gap raises no level',
        find: 'if (inspection.level === null || inspection.level < 2) {',
        replace: 'if (inspection.level === null) {',
      },
      {
        id: 'level-unknown-stays-unknown',
        rule: 'a gap makes no level known',
        find: 'if (inspection.level === null || inspection.level < 2) {',
        replace: 'if (inspection.level !== null && inspection.level < 2) {',
      },
      {
        id: 'lock-without-a-database',
        rule: 'a lock without a database is none',
        find: 'if (database === null || role === null) return { locked: false, away: false, reason: NO_DATABASE };',
        replace: "if (database === null || role === null) return { locked: true, proof: '' };",
      },
      {
        id: 'lock-refused-is-none',
        rule: 'a lock that was refused is none',
        find: 'return { locked: false, away, reason: describeError(error), ...unreachedBy(error) };',
        replace: "return { locked: true, proof: '' };",
      },
      {
        id: 'lock-away',
        rule: 'a lock is tried again where the database is away',
        find: 'const away = error instanceof DatabaseAway;',
        replace: 'const away = false;',
      },
      {
        id: 'lock-refused-is-not-away',
        rule: 'a lock that was refused is not waited for',
        find: 'const away = error instanceof DatabaseAway;',
        replace: 'const away = true;',
      },
      {
        id: 'lock-of-its-address',
        rule: 'a lock asks who else is signed in from the node',
        find: 'database.lockRole(role, timeoutMs, node.managementAddress)',
        replace: 'database.lockRole(role, timeoutMs)',
      },
      {
        id: 'unlock-without-a-database',
        rule: 'without a database no role is unlocked',
        find: 'if (database === null || role === null) return { unlocked: false, reason: NO_DATABASE };',
        replace: "if (database === null || role === null) return { unlocked: true, proof: '' };",
      },
      {
        id: 'unlock-refused-is-none',
        rule: 'a role that could not be unlocked is locked',
        find: 'return { unlocked: false, reason: describeError(error), ...unreachedBy(error) };',
        replace: "return { unlocked: true, proof: '' };",
      },
    ],
  ),
];
