/** What keeps a majority that is against a holder from being a failover. */
import { mutantsOf, type Mutant } from '../mutant';

const DECIDE = ['test/domain/decide', 'test/domain/maintenance'];

export const JUDGEMENT: Mutant[] = [
  ...mutantsOf('lib/domain/decide.ts', DECIDE, [
    {
      id: 'pause-of-cluster',
      rule: 'nothing is decided in a paused cluster',
      find: 'if (isPaused(control, nowMs)) {',
      replace: 'if (nowMs < 0) {',
    },
    {
      id: 'pause-of-vip',
      rule: 'nothing is decided on a paused VIP',
      find: 'if (isPaused(state, nowMs)) return none',
      replace: 'if (nowMs < 0) return none',
    },
    {
      id: 'pause-of-holder',
      rule: 'nothing is decided against a paused holder',
      find: 'if (node !== undefined && isPaused(node, nowMs)) {',
      replace: 'if (node !== undefined && nowMs < 0) {',
    },
    {
      id: 'database-trouble-pages',
      rule: 'a database in trouble is never taken for a stuck SIP stack',
      find: '    pageForDatabase(snapshot, vip, state, holder, verdict, nowMs) ??\n',
      replace: '',
    },
    {
      id: 'database-trouble-pages-in-a-run',
      rule: 'a database in trouble is never taken for a stuck SIP stack, as a run of the simulator sees it',
      find: '    pageForDatabase(snapshot, vip, state, holder, verdict, nowMs) ??\n',
      replace: '',
      tests: ['test/simulation/database-hangs'],
    },
    {
      id: 'sip-stuck-action-page',
      rule: '`sipStuckAction: page` pages and fails nothing over',
      find: '    pageForStuckSip(snapshot, vip, state, holder, verdict, nowMs) ??\n',
      replace: '',
    },
    {
      id: 'wait-for-supervisor',
      rule: 'a crash is left to the supervisor for as long as the policy says',
      find: 'waitForSupervisor(snapshot, vip, state, holder, verdict, nowMs);',
      replace: 'null;',
    },
    {
      id: 'block-period',
      rule: 'no second automatic failover in the block period',
      find: 'if (blocked !== null) return incident',
      replace: 'if (nowMs < 0 && blocked !== null) return incident',
    },
    {
      id: 'candidate-fits-the-group',
      rule: 'the node is fit for all VIPs that move together',
      find: 'placesFor(snapshot, leaving, holder, verdict.cause, nowMs)',
      replace: 'placesFor(snapshot, [vip], holder, verdict.cause, nowMs)',
    },
    {
      id: 'group-moves-together',
      rule: 'VIPs that bridge into each other leave together',
      find: 'limited.map((decision) => followGroup(served, limited, decision, nowMs))',
      replace: 'limited',
    },
    {
      id: 'fleet-limit',
      rule: 'so many failovers in a window and no more',
      find: 'withinLimit(served, openTransitions, alone, nowMs)',
      replace: 'alone',
      tests: ['test/domain/failover-limit'],
    },
    {
      id: 'loss-pages',
      rule: 'a holder whose answers get lost again and again is told to a human',
      find: `whenWithdrawn(snapshot, state, holder, nowMs) ??
        pageForLoss(snapshot, state, holder, nowMs) ??
        serves(`,
      replace: `whenWithdrawn(snapshot, state, holder, nowMs) ??
        serves(`,
      tests: ['test/domain/lossy'],
    },
    {
      id: 'gray-failure-pages',
      rule: 'evidence that disagrees for long is told to a human',
      find: 'pageForGray(snapshot, vip, state, holder, verdict.why, nowMs) ??',
      replace: 'null ??',
      tests: ['test/domain/gray'],
    },
  ]),
  ...mutantsOf(
    'lib/domain/unwatched.ts',
    ['test/domain/decide/', 'test/domain/unwatched'],
    [
      {
        id: 'quorum-lost-only-when-it-lasts',
        rule: 'a quorum that is lost for a moment wakes nobody',
        find: 'if (topology.observers.length - absent.length < quorumOf(topology.observers.length))',
        replace: 'if (absent.length >= 0)',
      },
      {
        id: 'nobody-decides-and-nobody-serves',
        rule: 'a holder that does not serve and that nobody may judge is told to a human',
        find: 'if (unserved.length === 0) return null;',
        replace: 'return null;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/unserved.ts',
    ['test/domain/gray', 'test/domain/unwatched'],
    [
      {
        id: 'unserved-by-another-incarnation',
        rule: 'a holder that came back and is not reinstated does not serve',
        find: 'if (isAnother) since.push(observation.eslWellSinceMs);',
        replace: '',
      },
      {
        id: 'unserved-before-it-took-over',
        rule: 'a new holder is not charged with its time as a standby',
        find: 'if (observation.observedAtMs > changedAtMs) {',
        replace: 'if (changedAtMs > 0) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/lossy.ts',
    ['test/domain/lossy'],
    [
      {
        id: 'loss-of-a-majority',
        rule: 'one lossy path is no lossy node',
        find: 'if (heavy.length < quorumOf(snapshot.topology.observers.length)) return null;',
        replace: 'if (heavy.length === 0) return null;',
      },
      {
        id: 'loss-comes-and-goes',
        rule: 'an outage that is over is not told as loss',
        find: 'misses >= 12 && silences >= 4',
        replace: 'misses >= 12',
      },
      {
        id: 'loss-is-one-incident',
        rule: 'loss that comes and goes is told once',
        find: 'seen.length > 0 && over.length < quorumOf(snapshot.topology.observers.length)',
        replace: 'false',
      },
      {
        id: 'loss-of-this-holder',
        rule: 'a new holder is not charged with what was missed before',
        find: 'if (nowMs - state.changedAtMs < remembersMs) return [];',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/database-trouble.ts',
    ['test/domain/decide'],
    [
      {
        id: 'database-trouble-of-a-majority',
        rule: 'one observer alone does not excuse a stuck SIP stack',
        find: 'return well.length >= quorumOf(topology.observers.length) ? [] : databaseTrouble',
        replace: 'return well.length > observations.length ? [] : databaseTrouble',
      },
      {
        id: 'database-well-for-a-majority',
        rule: 'one who finds the database well does not make a stuck SIP stack of silence that another puts down to it',
        find: 'return well.length >= quorumOf(topology.observers.length) ?',
        replace: 'return well.length >= 1 ?',
      },
      {
        id: 'database-not-asked-yet',
        rule: 'an observer that has no answer of the database yet does not call it well',
        find: "observation.database?.verdict === 'ok'",
        replace: "(observation.database?.verdict ?? 'ok') === 'ok'",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/hold-back.ts',
    ['test/domain/decide'],
    [
      {
        id: 'crash-loop-is-no-cure',
        rule: 'a holder that crashes again soon is not left to its supervisor again',
        find: 'if (state.epoch > 1 && sinceMs - state.changedAtMs < blockPeriodMs) return null;',
        replace: '',
      },
      {
        id: 'supervisor-cannot-with-a-locked-role',
        rule: 'a node that is locked out is not left to its supervisor',
        find: 'nodeId === holder.nodeId && lockedBy !== null)) return null;',
        replace: "nodeId === holder.nodeId && lockedBy === '')) return null;",
      },
      {
        id: 'supervisor-of-its-own-node',
        rule: 'a node that is locked out is no matter of the others',
        find: 'nodeId === holder.nodeId && lockedBy !== null)) return null;',
        replace: "nodeId !== '' && lockedBy !== null)) return null;",
      },
      {
        id: 'supervisor-has-an-end',
        rule: 'the supervisor’s turn ends',
        find: 'if (leftMs <= 0) return null;',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/held-up.ts',
    ['test/domain/decide/held-up'],
    [
      {
        id: 'held-up-when-marked',
        rule: 'a node that is marked is out of service, with a database or without',
        find: 'if (lockedBy !== null || topology.database === null) return lockedBy;',
        replace: 'if (topology.database === null) return null;',
      },
      {
        id: 'held-up-by-a-role',
        rule: 'without a database no role is locked',
        find: 'if (lockedBy !== null || topology.database === null) return lockedBy;',
        replace: 'if (lockedBy !== null) return lockedBy;',
      },
      {
        id: 'held-up-by-what-is-decided',
        rule: 'what is decided beside it will mark the node',
        find: 'if (decided !== undefined) return',
        replace: 'if (decided !== undefined && nodeId === String()) return',
      },
      {
        id: 'held-up-by-what-has-begun',
        rule: 'what has just begun will mark the node',
        find: 'return leaving?.id ?? null;',
        replace: 'return leaving === undefined ? null : null;',
      },
      {
        id: 'held-up-by-failovers-alone',
        rule: 'a planned move locks nobody out whose process has ended',
        find: "status === 'open' && kind === 'failover' && from",
        replace: "status === 'open' && kind !== 'assignment' && from",
      },
      {
        id: 'held-up-by-what-goes-on',
        rule: 'a change that has ended without a mark sets none any more',
        find: "status === 'open' && kind === 'failover' && from",
        replace: "status !== 'done' && kind === 'failover' && from",
      },
      {
        id: 'held-up-on-its-own-node',
        rule: 'what leaves another node holds up nobody here',
        find: "kind === 'failover' && from?.nodeId === nodeId",
        replace: "kind === 'failover' && from !== null",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/block-period.ts',
    ['test/domain/decide'],
    [
      {
        id: 'block-of-its-own',
        rule: 'a VIP waits for its own block period',
        find: '[state, ...followers(snapshot, vip, leaving, nowMs)]',
        replace: 'followers(snapshot, vip, leaving, nowMs)',
      },
      {
        id: 'block-of-followers',
        rule: 'a VIP waits for the block period of those that move with it',
        find: 'const blocking = [state, ...followers(snapshot, vip, leaving, nowMs)]',
        replace: 'const blocking = [state]',
      },
      {
        id: 'acknowledgement-lifts',
        rule: 'an acknowledgement lifts the block',
        find: 'return acknowledged ? 0 :',
        replace: 'return acknowledged && state.epoch < 0 ? 0 :',
      },
      {
        id: 'acknowledgement-of-this-failover',
        rule: 'an acknowledgement of an earlier failover lifts no later block',
        find: 'const acknowledged = (state.acknowledgedAtMs ?? 0) >= state.lastAutomaticFailoverAtMs;',
        replace: 'const acknowledged = state.acknowledgedAtMs !== null;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/maintenance.ts',
    ['test/domain/maintenance'],
    [
      {
        id: 'maintenance-expires',
        rule: 'a maintenance window ends by itself',
        find: 'item.paused && (item.pausedUntilMs === null || nowMs < item.pausedUntilMs)',
        replace: 'item.paused && nowMs >= 0',
      },
      {
        id: 'pause-without-end',
        rule: 'a pause without an end does not expire',
        find: 'item.pausedUntilMs === null || nowMs < item.pausedUntilMs',
        replace: 'item.pausedUntilMs !== null && nowMs < item.pausedUntilMs',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/groups.ts',
    ['test/domain/decide-calls'],
    [
      {
        id: 'lossy-follower-moves-along',
        rule: 'a VIP of which only loss is told follows its group',
        find: "if (own.kind !== 'none' && !isOnlyGray) return own;",
        replace: "if (own.kind !== 'none') return own;",
      },
      {
        id: 'paused-follower-stays',
        rule: 'a VIP that a human paused does not follow its group',
        find: "state?.status !== 'held' || isPaused(state, nowMs)) return own;",
        replace: "state?.status !== 'held') return own;",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/evacuation.ts',
    ['test/domain/evacuation'],
    [
      {
        id: 'stuck-process-serves-others',
        rule: 'a process that serves another VIP is not ended while that one has no place',
        find: "if (cause !== 'sip-stuck') return",
        replace: "if (vip.id !== '') return",
      },
      {
        id: 'stuck-process-of-a-paused-vip',
        rule: 'a process that serves a paused VIP is not ended',
        find: 'if (isPaused(state, nowMs)) return',
        replace: 'if (nowMs < 0) return',
      },
      {
        id: 'stuck-process-of-a-moving-vip',
        rule: 'a process that a VIP is on its way to is not ended',
        find: "state.status === 'held' ? null",
        replace: "state.status !== 'unassigned' ? null",
      },
      {
        id: 'dead-process-takes-none-along',
        rule: 'a VIP that nobody is against stays where another one’s process is thought dead',
        find: "decision.cause === 'sip-stuck' &&",
        replace: "decision.cause !== 'operator' &&",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/placement.ts',
    ['test/domain/evacuation', 'test/domain/placement', 'test/operations/switchover.test'],
    [
      {
        id: 'placement-by-hand-only',
        rule: 'a failover takes no node that only an operator may choose',
        find: "!(candidate.manualOnly && by === 'control-plane')",
        replace: "(candidate.manualOnly || by !== 'operator' || by !== null)",
      },
      {
        id: 'placement-counts-what-came-before',
        rule: 'what is placed takes up room',
        find: 'placed = withClaims(placed, chosen.nodeId, unit.vips);',
        replace: '',
      },
      {
        id: 'placement-looks-ahead',
        rule: 'a VIP passes over a node that leaves another one without a place',
        find: '(looksAhead ? allowed.find(leavesRoom) : undefined) ?? allowed[0]',
        replace: 'allowed[0]',
      },
      {
        id: 'placement-looks-no-further',
        rule: 'and not over one because of itself',
        find: 'demands.slice(index + 1)',
        replace: 'demands.slice(index)',
      },
      {
        id: 'placement-goes-on-without-looking-ahead',
        rule: 'where not all find a place, the one that finds none is named',
        find: ' ?? allowed[0]',
        replace: '',
      },
      {
        id: 'placement-on-its-own-claims',
        rule: 'a VIP that has its place on a node takes no room there',
        find: 'unit.vips.filter(({ id }) => !claimsOf(snapshot, nodeId).includes(id)).length',
        replace: 'unit.vips.length',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/evacuation.ts',
    ['test/domain/clocks'],
    [
      {
        id: 'placement-anyhow',
        rule: 'an outage is worse than calls that wait for a clock',
        find: "return anyhow.kind === 'placed' ? { ...anyhow, despite: places.why } : places;",
        replace: 'return places;',
      },
      {
        id: 'placement-anyhow-is-told',
        rule: 'and the reasons say so',
        find: '{ ...anyhow, despite: places.why }',
        replace: 'anyhow',
      },
      {
        id: 'placement-as-usual-first',
        rule: 'a node whose clock is right goes before',
        find: "  if (places.kind === 'placed') return places;\n",
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/placement.ts',
    ['test/domain/decide/first-places'],
    [
      {
        id: 'placement-of-most',
        rule: 'a VIP that finds no first place keeps no other one from its own',
        find: 'demand], room, budget)) found.push(',
        replace: 'demand], room, budget) || nowMs > 0) found.push(',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/matching.ts',
    ['test/domain/matching'],
    [
      {
        id: 'matching-bounded',
        rule: 'a search for room for groups ends',
        find: 'if (budget.steps < 0) return false;',
        replace: '',
      },
      {
        id: 'matching-too-many',
        rule: 'where there is too little room for all, nothing is searched',
        find: 'if (!singlesFit(needy.flatMap(inSingles), room)) return false;',
        replace: '',
      },
      {
        id: 'matching-there-already',
        rule: 'what has its places on a node already is in nobody’s way',
        find: 'smallest(demand) > 0',
        replace: 'smallest(demand) >= 0',
      },
      {
        id: 'matching-makes-room',
        rule: 'one makes room for another where it can go elsewhere',
        find: 'here.findIndex((guest) => settle(guest, tried))',
        replace: '-1',
      },
      {
        id: 'matching-room-for-all-of-a-group',
        rule: 'a group finds room for all of it on one node',
        find: 'if (left < 0) continue;',
        replace: '',
      },
      {
        id: 'matching-takes-up-room',
        rule: 'a group takes up its room',
        find: 'new Map([...room, [nodeId, left]])',
        replace: 'room',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/failover-limit.ts',
    ['test/domain/failover-limit'],
    [
      {
        id: 'limit-counts-the-past',
        rule: 'failovers of the window before count',
        find: 'snapshot.topology.policy.maxFailoversPerWindow - eventsIn(counted);',
        replace: 'snapshot.topology.policy.maxFailoversPerWindow;',
      },
      {
        id: 'limit-refuses',
        rule: 'what is over the limit within one judgement is refused',
        find: 'if (admitted.size >= left) return refused',
        replace: 'if (left <= 0) return refused',
      },
      {
        id: 'zone-counted-once',
        rule: 'all nodes of a zone that fell are one event',
        find: 'zone !== undefined && isZoneUnreached(snapshot, zone, nowMs) ?',
        replace: 'zone !== undefined && nowMs < 0 ?',
      },
      {
        id: 'limit-acknowledged',
        rule: 'an acknowledged failover leaves the count',
        find: 'atMs > (vip.acknowledgedAtMs ?? 0) && ',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/moving.ts',
    ['test/domain/decide', 'test/domain/dissent', 'test/domain/majorities'],
    [
      {
        id: 'retarget-of-what-is-under-way',
        rule: 'a holder whose move has just ended is left as a holder, not as a candidate',
        find: "if (journal !== undefined && journal.status !== 'open')\n",
        replace: 'if (nowMs < 0)\n',
      },
      {
        id: 'retarget-cap',
        rule: 'a chain of retargetings has a bound',
        find: 'if (!isExhausted(snapshot, journal, state)) return null;',
        replace: 'if (nowMs > 0) return null;',
      },
      {
        id: 'target-of-others-is-spared',
        rule: 'a node on which other VIPs are held is not fenced for one that was on its way there',
        find: 'if (others.length === 0) return null;',
        replace: 'if (nowMs > 0) return null;',
      },
      {
        id: 'stuck-for-all-spares-nobody',
        rule: 'two VIPs whose SIP is stuck on one node do not wait for each other',
        find: "other, target, nowMs).kind !== 'against')",
        replace: "other, target, nowMs).kind !== 'serving' || nowMs > 0)",
      },
      {
        id: 'retarget-together',
        rule: 'VIPs of one group are retargeted to one node',
        find: 'const together = movingTogether(snapshot, vip, target);\n  const candidates = rankForGroup(snapshot, together, target.nodeId, nowMs);\n  const best =',
        replace:
          'const together = [vip];\n  const candidates = rankForGroup(snapshot, together, target.nodeId, nowMs);\n  const best =',
      },
      {
        id: 'retarget-whatever-its-clock',
        rule: 'a VIP on its way to a node that died goes to one whose clock is behind where no other is fit',
        find: 'firstChoice(candidates) ?? firstChoice(rankForGroup(whateverTheirClocks(snapshot), together, target.nodeId, nowMs));',
        replace: 'firstChoice(candidates);',
      },
      {
        id: 'retarget-held-back',
        rule: 'dissent holds a retargeting back, too',
        find: "if (verdict.kind === 'held-back') {",
        replace: "if (verdict.kind === 'held-back' && nowMs < 0) {",
      },
      {
        id: 'retarget-pages-for-stuck-sip',
        rule: '`sipStuckAction: page` counts for a target, too',
        find: '    pageForStuckSip(snapshot, vip, state, target, verdict, nowMs);',
        replace: '    null;',
      },
      {
        id: 'retarget-pages-for-database',
        rule: 'a database in trouble retargets nothing',
        find: '    pageForDatabase(snapshot, vip, state, target, verdict, nowMs) ??\n',
        replace: '',
      },
      {
        id: 'reinstatement-becomes-failover',
        rule: 'a reinstatement that ends on another node is blocked like a failover',
        find: 'if (isBlocked(snapshot, journal, state, to.nodeId, nowMs)) {',
        replace: 'if (nowMs < 0) {',
      },
      {
        id: 'needs-its-journal',
        rule: 'nothing is retargeted without the journal that it would replace',
        find: "if (journal === undefined) return none(vip.id, 'its journal could not be read');",
        replace: "if (journal === undefined) return { kind: 'change' } as never;",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/retry-stuck.ts',
    ['test/domain/decide', 'test/domain/dissent', 'test/domain/majorities'],
    [
      {
        id: 'stuck-waits',
        rule: 'a stuck transition waits for its acknowledgement',
        find: 'if (!isAcknowledged(state, journal)) {',
        replace: 'if (nowMs < 0) {',
      },
      {
        id: 'acknowledged-while-it-was-tried',
        rule: 'who acknowledged a transition before it was closed as stuck need not do it again',
        find: 'if (!isAcknowledged(state, journal)) {',
        replace: 'if ((state.acknowledgedAtMs ?? 0) <= (journal.closedAtMs ?? nowMs)) {',
      },
      {
        id: 'retry-fences-its-target',
        rule: 'a target that failed is fenced by what is begun anew',
        find: 'const from = targetFailed || isLeftBehind ? target : journal.from;',
        replace: 'const from = journal.from;',
      },
      {
        id: 'retry-fences-what-cannot-be-promoted',
        rule: 'so is one that could not be promoted: an order may be on its way to it',
        find: ' || (unpromotable !== null && mayEnd)',
        replace: '',
      },
      {
        id: 'retry-spares-others-there',
        rule: 'unless other VIPs are on it',
        find: '(unpromotable !== null && mayEnd)',
        replace: '(unpromotable !== null && (mayEnd || nowMs > 0))',
      },
      {
        id: 'retry-not-on-a-paused-node',
        rule: 'a paused node does not serve',
        find: "const serves = verdict.kind === 'serving' && unpromotable === null;",
        replace: "const serves = verdict.kind === 'serving';",
      },
      {
        id: 'retry-together',
        rule: 'and begun anew to one node',
        find: 'rankForGroup(snapshot, together, from?.nodeId',
        replace: 'rankCandidates(snapshot, vip, from?.nodeId',
      },
      {
        id: 'retry-leaves-no-serving-node',
        rule: 'a stuck transition is not begun anew away from a node that serves',
        find: 'const stays = serves ? target : ',
        replace: 'const stays = serves ? null : ',
      },
      {
        id: 'retry-leaves-no-fit-node',
        rule: 'nor away from one that is fit: a reinstatement stays one',
        find: 'return itself?.eligible === true ? itself : null;',
        replace: 'return null;',
      },
      {
        id: 'retry-of-a-living-process',
        rule: 'a process that fell into standby keeps its calls, also in a second try',
        find: "if (goesOnAs === 'reinstatement') {",
        replace: 'if (to === null) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/withdrawn.ts',
    ['test/domain/withdrawn'],
    [
      {
        id: 'withdrawn-lasts',
        rule: 'a holder that is out of service for a moment pages nobody',
        find: 'lasts: long.length >= needed',
        replace: 'lasts: long.length >= 0',
      },
      {
        id: 'withdrawn-for-a-majority',
        rule: 'a majority sees that a holder is out of service',
        find: 'if (seeing.length < needed) continue;',
        replace: 'if (seeing.length < 1) continue;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/evaluate.ts',
    ['test/operations/evaluate'],
    [
      {
        id: 'failovers-remembered',
        rule: 'failovers before the last one count towards the limit',
        find: '.flatMap(failoversOf)',
        replace: '.flatMap(() => [])',
      },
      {
        id: 'events-told-apart',
        rule: 'a failover is written with what fell',
        find: 'deps.actor, before, event)',
        replace: 'deps.actor, before)',
      },
    ],
  ),
];
