/** What the simulator holds a run to: the calls by name, the pages against the truth, and a world at rest. */
import { mutantsOf, type Mutant } from '../mutant';

const CALLS = ['test/simulation/calls'];
const PAGES = ['test/simulation/pages'];
const REST = ['test/simulation/rest'];
const NAMES = ['test/simulation/private-name'];

export const SIMULATION: Mutant[] = [
  ...mutantsOf('lib/simulation/invariants/calls.ts', CALLS, [
    {
      id: 'ledger-against-the-living',
      rule: 'no ledger says that a call is lost which is alive',
      find: 'return lost + alive <= Math.max(atStake, calls.before)',
      replace: 'return lost <= Math.max(atStake, calls.before)',
    },
    {
      id: 'ledger-with-later-calls',
      rule: 'calls that came after the decision are in the ledger, too',
      find: 'Math.max(atStake, calls.before)',
      replace: 'atStake',
    },
    {
      id: 'ledger-of-whom-nobody-can-name',
      rule: 'only calls of the old holder are held against those that live',
      find: '(SHARE_OF_A_CALL[reason] ?? 0)',
      replace: '(SHARE_OF_A_CALL[reason] ?? 1)',
    },
    {
      id: 'ledger-of-the-dead',
      rule: 'a ledger that lists more than there were, none of whom lives, says of nobody alive that they are lost',
      find: ' || alive === 0) return null;',
      replace: ') return null;',
    },
    {
      id: 'ledger-of-sessions',
      rule: 'sessions that had no row, too',
      find: "  'no-row': 0.5,\n",
      replace: '',
    },
    {
      id: 'planned-move-loses-none',
      rule: 'a planned move that lost a call without an excuse is told',
      find: 'if (lost.length === 0 || strikes.some',
      replace: 'if (lost.length <= 1 || strikes.some',
    },
    {
      id: 'excuse-of-what-no-row-names',
      rule: 'what a struck target had not written yet is taken up by nobody',
      find: '!kept.has(call) && !unwritten.has(call)',
      replace: '!kept.has(call)',
    },
    {
      id: 'excuse-that-lasts',
      rule: 'what is over sooner than a recovery is tried is no excuse',
      find: '  if (!lasted && (losesCalls === null || wasKnown)) return false;\n',
      replace: '  if (!lasted && atMs < 0) return false;\n',
    },
    {
      id: 'excuse-that-hangs-up',
      rule: 'calls that somebody hung up are lost at once',
      find: 'if (!lasted && (losesCalls === null || wasKnown)) return false;',
      replace: 'if (!lasted) return false;',
    },
    {
      id: 'excuse-that-hung-up-before',
      rule: 'what was hung up before the decision was no call of the move',
      find: "losesCalls === 'hung-up' ? decidedAtMs : decidedAtMs - KNOWN_AFTER_MS",
      replace: 'decidedAtMs - KNOWN_AFTER_MS',
    },
    {
      id: 'excuse-of-a-clock-that-was-known',
      rule: 'a clock that was known to be wrong is no excuse',
      find: '(losesCalls === null || wasKnown)',
      replace: 'losesCalls === null',
    },
    {
      id: 'excuse-of-a-clock-too-late-to-know',
      rule: 'and one that nobody could know of is',
      find: "losesCalls === 'hung-up' ? decidedAtMs : decidedAtMs - KNOWN_AFTER_MS",
      replace: 'decidedAtMs',
    },
    {
      id: 'excuse-of-a-clock-behind',
      rule: 'a holder whose clock was behind for a moment keeps its calls',
      find: " && (lasted || losesCalls !== 'numbered-behind')",
      replace: '',
    },
    {
      id: 'excuse-while-under-way',
      rule: 'what was over when the move was decided is no excuse',
      find: 'Math.max(atMs, decidedAtMs) >= LASTING_MS',
      replace: 'atMs >= LASTING_MS',
    },
    {
      id: 'excuse-of-the-old-holder',
      rule: 'what strikes the old holder after the move took from it is no excuse',
      find: 'struckHolder && atMs <= (takenAtMs ?? nowMs)',
      replace: 'struckHolder',
    },
    {
      id: 'excuse-of-a-target',
      rule: 'what strikes a target before the move took from the old holder is no excuse',
      find: ' && takenAtMs !== null && atMs >= takenAtMs - ORDER_MS',
      replace: '',
    },
    {
      id: 'excuse-of-a-database',
      rule: 'a database whose trouble was known when the move was decided is no excuse',
      find: '(database && !wasKnown)',
      replace: 'database',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/struck.ts', CALLS, [
    {
      id: 'struck-by-its-zone',
      rule: 'a zone strikes the nodes in it, and no other',
      find: '.filter(({ zone }) => zone === fault.zone)',
      replace: '',
    },
    {
      id: 'struck-on-one-path',
      rule: 'one path to a node is not the node',
      find: 'fault.zone === null ? { ...NOTHING, nodeIds: [fault.nodeId] } : NOTHING',
      replace: '{ ...NOTHING, nodeIds: [fault.nodeId] }',
    },
    {
      id: 'struck-beside-the-calls',
      rule: 'names and pages cost no call',
      find: "fault.service === 'route53' || fault.service === 'sns' ? NOTHING : CONTROL_PLANE",
      replace: 'CONTROL_PLANE',
    },
  ]),
  ...mutantsOf(
    'lib/simulation/invariants/struck.ts',
    ['test/simulation/explorer.test'],
    [
      {
        id: 'some-faults-cost-no-call',
        rule: 'calls lost under a fault that costs none are found',
        find: 'return struckBy(fault, { nodes: [] }) === NOTHING;',
        replace: 'return false;',
      },
      {
        id: 'some-faults-cost-calls',
        rule: 'and under no other',
        find: 'return struckBy(fault, { nodes: [] }) === NOTHING;',
        replace: 'return !struckBy(fault, { nodes: [] }).database;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/explorer/explore.ts',
    ['test/simulation/explorer.test'],
    [
      {
        id: 'end-in-the-state',
        rule: 'an end of the failover function long before its state begins is found',
        find: 'crashedAtMs < strikes.atMs - STATE_BEGINS_MS',
        replace: 'crashedAtMs < -STATE_BEGINS_MS',
      },
      {
        id: 'isolated-holder-keeps-its-calls',
        rule: 'calls lost with a holder that is cut off are found',
        find: ' || (isCutOff && moreCostly.length === 0);',
        replace: ';',
      },
      {
        id: 'isolated-is-the-holder',
        rule: 'a zone that is cut off beside it may cost them',
        find: " && struckBy === 'isolation'",
        replace: '',
      },
      {
        id: 'isolated-while-it-held',
        rule: 'nor may a target that is cut off before it wrote them',
        find: " && cause === 'suspected-death'",
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/explorer/explore.ts',
    ['test/simulation/pairs'],
    [
      {
        id: 'drained-calls-end-by-themselves',
        rule: 'calls that end in a drain are not lost',
        find: " || (fault.kind === 'drain' && struck.drain !== undefined)",
        replace: '',
      },
      {
        id: 'refused-drains-end-no-calls',
        rule: 'nor kept by one that was refused',
        find: ' && struck.drain !== undefined',
        replace: '',
      },
      {
        id: 'isolated-beside-what-costs-calls',
        rule: 'nor may what befalls beside it',
        find: '(isCutOff && moreCostly.length === 0)',
        replace: 'isCutOff',
      },
      {
        id: 'late-is-not-wrong',
        rule: 'of two faults one may be over just when the other lets a majority speak',
        find: " && struckBy === 'nothing' && !isLate",
        replace: " && struckBy === 'nothing'",
      },
      {
        id: 'late-of-one-fault',
        rule: 'and of one alone a late failover is found',
        find: 'isPair && recoveredAgoMs !== null',
        replace: 'recoveredAgoMs !== null',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/run.ts',
    ['test/simulation/pairs'],
    [
      {
        id: 'second-fault-strikes',
        rule: 'the second fault of a pair befalls the run, too',
        find: '      befall({ atMs: lastFaultMs, fault: second.fault });\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/people.ts',
    ['test/simulation/people'],
    [
      {
        id: 'on-call-is-refused-once',
        rule: 'on-call asks again for a switchover that was refused',
        find: 'this.switchOver(vipId, () => undefined, again);',
        replace: 'this.switchOver(vipId, () => undefined, () => void again);',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/world/ends.ts',
    ['test/simulation/world/ends'],
    [
      {
        id: 'end-where-a-step-waits',
        rule: 'the failover function ends where a step is done, and not where it says why it waits',
        find: ' && (args[3] as StepRecord).status === status',
        replace: " && (args[3] as StepRecord).status !== 'failed' && status !== 'failed'",
      },
      {
        id: 'end-of-a-lock-out',
        rule: 'a node that is let in is not locked out',
        find: "method === 'setLockedOut' && args[1] !== null",
        replace: "method === 'setLockedOut'",
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/freeswitch/switch.ts',
    ['test/simulation/freeswitch/switch'],
    [
      {
        id: 'crash-loop-that-is-over',
        rule: 'a process that lives when the crash loop is over stays',
        find: 'if (this.running === incarnation && this.livesForMs !== null)',
        replace: 'if (this.running === incarnation)',
      },
    ],
  ),
  ...mutantsOf('lib/simulation/call-book.ts', CALLS, [
    {
      id: 'book-of-targets-that-were-struck',
      rule: 'rows that nobody kept a target from writing are asked for',
      find: 'targets.filter((target) => nodeIds.includes(target))',
      replace: 'targets.filter(() => nodeIds.length > 0)',
    },
    {
      id: 'book-of-targets-that-were-left',
      rule: 'a target that was struck is left, and ended, half-way through a recovery',
      find: 'if (before !== undefined && before.coreUuid !== coreUuid && this.wasStruck(move, target)) {',
      replace: "if (before !== undefined && before.coreUuid === 'x' && this.wasStruck(move, target)) {",
    },
    {
      id: 'book-of-targets-left-for-a-reason',
      rule: 'one that nothing struck is not',
      find: 'before.coreUuid !== coreUuid && this.wasStruck(move, target)',
      replace: 'before.coreUuid !== coreUuid',
    },
    {
      id: 'book-of-targets-that-live-on',
      rule: 'one that was left and locked out writes no row any more',
      find: '      move.unwritten = [...move.unwritten, ...this.legsLeftOn(move, last.to.nodeId)];\n',
      replace: '',
    },
    {
      id: 'book-of-targets-that-live-on-for-a-reason',
      rule: 'where it was left for a reason',
      find: 'target !== lastNodeId && this.wasStruck(move, target)',
      replace: 'target !== lastNodeId',
    },
    {
      id: 'book-of-what-was-taken-up',
      rule: 'a process that ended after it took the calls up keeps them by their rows',
      find: 'nodeWorld.switchOf(nodeId).ran(core)',
      replace: 'core === nodeId',
    },
    {
      id: 'book-of-what-was-never-taken-up',
      rule: 'rows of the old process alone keep no call',
      find: 'core !== from.coreUuid && nodeWorld.switchOf(nodeId).ran(core)',
      replace: 'core !== nodeId',
    },
    {
      id: 'book-of-what-has-no-row',
      rule: 'a call whose row a struck target wrote is asked for',
      find: 'move.unwritten.filter((leg) => !this.hasRow(leg))',
      replace: 'move.unwritten.filter(() => true)',
    },
    {
      id: 'book-of-what-was-left-without-a-row',
      rule: 'also by one that lives on, left',
      find: 'return legs.filter((leg) => !this.hasRow(leg));',
      replace: 'return legs;',
    },
    {
      id: 'book-of-a-chain',
      rule: 'the calls of a chain are remembered through its retargetings',
      find: '(isOfChain ? before.calls : [])',
      replace: '[]',
    },
    {
      id: 'book-of-another-chain',
      rule: 'the calls of another change are not remembered',
      find: 'before?.rootEpoch === chain.rootEpoch;',
      replace: 'before !== undefined;',
    },
    {
      id: 'book-waits-for-the-end',
      rule: 'a planned move is judged when it has ended',
      find: "if (last === undefined || last.status === 'open') return [];",
      replace: 'if (last === undefined) return [];',
    },
    {
      id: 'book-of-what-was-overtaken',
      rule: 'what another change overtook is left to that one',
      find: '    this.moves.delete(vipId);\n',
      replace: '',
    },
    {
      id: 'book-of-retargetings',
      rule: 'the node of a retargeting is a target, too',
      find: 'move.targets.push(transition.to.nodeId);',
      replace: 'move.targets.push();',
    },
    {
      id: 'book-of-planned-moves',
      rule: 'a failover is no planned move',
      find: 'const takesCalls = isPlannedMove({ kind }) && ',
      replace: 'const takesCalls = ',
    },
    {
      id: 'book-of-what-was-drained',
      rule: 'what was drained leaves its calls where they are',
      find: ' && !isDrained',
      replace: '',
    },
    {
      id: 'book-of-who-is-locked-out',
      rule: 'a holder that is locked out writes no row that could be taken up',
      find: 'unwritten: isLockedOut ? ',
      replace: 'unwritten: isLockedOut && vipId === id ? ',
    },
    {
      id: 'book-of-who-was-not-locked-out',
      rule: 'one that is not has written those of its calls',
      find: 'unwritten: isLockedOut ? ',
      replace: 'unwritten: !isLockedOut || isLockedOut ? ',
    },
    {
      id: 'book-of-a-drain-that-was-retargeted',
      rule: 'so does a drain that is retargeted',
      find: '[cause, root?.cause]',
      replace: '[cause]',
    },
    {
      id: 'book-without-a-database',
      rule: 'without a database no call is taken along',
      find: ' || this.world.nodeWorld.database === null) return;',
      replace: ') return;',
    },
    {
      id: 'book-of-a-process-that-ended',
      rule: 'a holder is left when its process has ended',
      find: 'return isSame && ',
      replace: 'return ',
    },
    {
      id: 'book-of-an-address-that-went',
      rule: 'a holder is left when its address is gone',
      find: 'return isSame && truth.carrierOf(topology, vip)?.id === from.nodeId;',
      replace: 'return isSame;',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/pages.ts', PAGES, [
    {
      id: 'page-that-says-served',
      rule: 'a page that says that callers are served is held against the truth',
      find: "if (attributes.served !== 'yes') return null;",
      replace: "if (attributes.served !== 'never') return null;",
    },
    {
      id: 'page-that-says-nothing-of-it',
      rule: 'a page that does not say so is not',
      find: "    if (attributes.served !== 'yes') return null;\n",
      replace: '',
    },
    {
      id: 'page-a-moment-late',
      rule: 'what befell the holder after it was read back nobody could know',
      find: 'return forMs <= READ_BACK_WITHIN_MS ?',
      replace: 'return forMs <= 0 ?',
    },
    {
      id: 'page-lost',
      rule: 'an incident that lasted and was cleared untold is a lost page',
      find: 'forMs <= TOLD_WITHIN_MS ?',
      replace: 'forMs <= 10 * TOLD_WITHIN_MS ?',
    },
    {
      id: 'page-not-yet-due',
      rule: 'one that was over before anybody could tell is none',
      find: 'forMs <= TOLD_WITHIN_MS ?',
      replace: 'forMs <= 0 ?',
    },
  ]),
  ...mutantsOf('lib/simulation/incident-book.ts', PAGES, [
    {
      id: 'incident-told-by-its-mark',
      rule: 'what is marked was told',
      find: 'else if (notifiedAtMs !== null) known.told = true;',
      replace: '',
    },
    {
      id: 'incident-told-by-its-page',
      rule: 'what was paged was told, marked or not',
      find: ') known.told = true;\n    }\n  }\n\n  /** After each change',
      replace: ') known.told ||= false;\n    }\n  }\n\n  /** After each change',
    },
    {
      id: 'incident-of-that-kind',
      rule: 'a page tells of its own kind',
      find: 'kind === attributes.kind && ',
      replace: '',
    },
    {
      id: 'incident-of-that-vip',
      rule: 'a page tells of its own VIP',
      find: " && (vipId ?? '-') === attributes.vip",
      replace: '',
    },
    {
      id: 'incident-raised-anew',
      rule: 'an incident of another date is another one',
      find: 'known === undefined || known.atMs !== atMs',
      replace: 'known === undefined',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/states.ts', REST, [
    {
      id: 'rest-with-one-that-acts',
      rule: 'at rest somebody acts',
      find: 'if (topology === null || one === undefined) return `nobody acts for ${vip.id}`;',
      replace: 'if (topology === null || one === undefined) return null;',
    },
    {
      id: 'rest-with-no-more-than-one',
      rule: 'at rest nobody else acts, also where an Elastic IP leads callers to one alone',
      find: 'const tooMany = tooManyAct(acting, vip);',
      replace: 'const tooMany = tooManyAct(acting.slice(0, 1), vip);',
    },
    {
      id: 'rest-of-an-address',
      rule: 'at rest the Elastic IP leads to the node that acts',
      find: '[truth.carrierOf(topology, vip), named].find(',
      replace: '[named].find(',
    },
    {
      id: 'rest-of-a-name',
      rule: 'at rest the private name leads to the node that acts',
      find: '[truth.carrierOf(topology, vip), named].find(',
      replace: '[truth.carrierOf(topology, vip)].find(',
    },
  ]),
  ...mutantsOf('lib/simulation/watcher.ts', CALLS, [
    {
      id: 'watcher-reads-ledgers',
      rule: 'a ledger is held against the truth as soon as it is written',
      find: "if (method === 'recordCalls') {",
      replace: "if (method === 'audit') {",
    },
    {
      id: 'watcher-asks-planned-moves',
      rule: 'planned moves are judged every second',
      find: '    for (const lost of this.calls.lostByPlan()) this.note(PLANNED_MOVE_INVARIANT.invariant, lost);\n',
      replace: '',
    },
    {
      id: 'watcher-knows-what-struck',
      rule: 'what befell a run may excuse a planned move',
      find: '    this.calls.struck(fault);\n',
      replace: '    void fault;\n',
    },
    {
      id: 'watcher-forgets-moves',
      rule: 'a restored table knows nothing of the moves before it',
      find: '    this.calls.replaced();\n',
      replace: '',
    },
    {
      id: 'watcher-reads-pages',
      rule: 'a page is held against the truth when it goes out',
      find: '(vipId) => this.record.notServedForMs(vipId)',
      replace: '() => 0',
      tests: PAGES,
    },
    {
      id: 'watcher-hears-of-pages',
      rule: 'whoever was paged was told',
      find: '        this.incidents.paged(message);\n',
      replace: '',
      tests: PAGES,
    },
    {
      id: 'watcher-looks-for-lost-pages',
      rule: 'incidents are looked at with each change of the table',
      find: '    for (const lost of this.incidents.tableChanged()) this.note(LOST_PAGE_INVARIANT.invariant, lost);\n',
      replace: '',
      tests: PAGES,
    },
    {
      id: 'watcher-forgets-incidents',
      rule: 'a restored table lost no page',
      find: '    this.incidents.replaced();\n',
      replace: '',
      tests: PAGES,
    },
    {
      id: 'watcher-asks-at-rest',
      rule: 'whenever a run has come to rest one node acts',
      find: '    for (const { invariant, broken } of REST_INVARIANTS) this.note(invariant, broken(this.world));\n',
      replace: '',
      tests: REST,
    },
  ]),
  ...mutantsOf(
    'lib/simulation/record.ts',
    ['test/simulation/record'],
    [
      {
        id: 'record-same-process-keeps-its-calls',
        rule: 'calls that ended in a drain are not lost where the holder is promoted again',
        find: "kind === 'reinstatement' && isSame ? 0 : service.calls.size",
        replace: 'service.calls.size',
      },
      {
        id: 'record-another-process-has-none',
        rule: 'a holder that came back as another process has none of its calls',
        find: "kind === 'reinstatement' && isSame ? 0 : service.calls.size",
        replace: "kind === 'reinstatement' ? 0 : service.calls.size",
      },
    ],
  ),
  ...mutantsOf('lib/simulation/record.ts', NAMES, [
    {
      id: 'name-that-leads-astray',
      rule: 'time in which the private name leads to nobody who serves is counted',
      find: 'if (!served) this.nameUnservedMs += passedMs;',
      replace: 'if (served) this.nameUnservedMs += passedMs;',
    },
    {
      id: 'name-that-there-is',
      rule: 'only VIPs with a private name are counted',
      find: 'if (vip.privateDns !== null) this.servedByName',
      replace: 'this.servedByName',
    },
    {
      id: 'served-for-the-last-time',
      rule: 'for how long nobody is served is counted from the last service',
      find: '      if (before === true) this.lastServedAt.set(vip.id, nowMs);\n',
      replace: '      this.lastServedAt.set(vip.id, nowMs);\n',
    },
  ]),
  ...mutantsOf('lib/simulation/world/truth.ts', NAMES, [
    {
      id: 'name-of-a-paused-switch',
      rule: 'a switch that somebody paused serves no caller of the private name',
      find: 'this.answers(node, vip.id) && !this.isPaused(node)',
      replace: 'this.answers(node, vip.id)',
    },
    {
      id: 'name-of-a-standby',
      rule: 'a standby serves no caller of the private name',
      find: 'this.answers(node, vip.id) && !this.isPaused(node)',
      replace: '!this.isPaused(node)',
    },
  ]),
  ...mutantsOf(
    'lib/simulation/figures.ts',
    ['test/simulation/figures'],
    [
      {
        id: 'name-over-vips-that-have-one',
        rule: 'lost minutes of the private name are told over the VIPs that have one',
        find: 'amount: run.nameUnservedMs, per: run.namedVipMs',
        replace: 'amount: run.nameUnservedMs, per: run.vipMs',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/freeswitch/incarnation.ts',
    ['test/simulation/freeswitch/node-looks'],
    [
      {
        id: 'simulated-pause-outbound-answers',
        rule: 'a switch that is paused for outgoing calls alone answers callers',
        find: "if (this.busy || this.paused.inbound) return 'busy';",
        replace: "if (this.busy || this.isPaused) return 'busy';",
      },
      {
        id: 'simulated-pause-outbound-is-paused',
        rule: 'and says over ESL that it is paused',
        find: "return this.isPaused ? 'paused' : 'ok';",
        replace: "return this.paused.inbound ? 'paused' : 'ok';",
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/freeswitch/recovery-job.ts',
    ['test/simulation/freeswitch/recovery'],
    [
      {
        id: 'recovery-on-a-clock-behind',
        rule: 'a node whose clock is behind that of the old holder loses its calls',
        find: 'database.numberedUntilMs(coreUuid) - clockMs <= CLOCK_COSTS_CALLS_MS',
        replace: 'database.numberedUntilMs(coreUuid) - clockMs <= 1e3 * CLOCK_COSTS_CALLS_MS',
      },
    ],
  ),
  ...mutantsOf(
    'lib/simulation/freeswitch/database.ts',
    ['test/simulation/freeswitch/recovery'],
    [
      {
        id: 'recovery-on-a-clock-that-caught-up',
        rule: 'a process that has ended numbers no more calls',
        find: 'if (clockMs !== undefined) this.endedAt.set(coreUuid, clockMs);',
        replace: 'if (clockMs !== undefined) this.endedAt.set(coreUuid, clockMs + 1e6);',
      },
    ],
  ),
];
