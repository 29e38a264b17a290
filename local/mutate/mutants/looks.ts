/** How an observer looks, and what it writes of it. */
import { mutantsOf, type Mutant } from '../mutant';

const OBSERVE = 'test/operations/observe';
const PURE_PARTS = [`${OBSERVE}/pure-parts`];
const OBSERVER = [`${OBSERVE}/observer/`];
const FAILING_PARTS = [`${OBSERVE}/parts-that-fail`];

export const LOOKS: Mutant[] = [
  ...mutantsOf(
    'lib/freeswitch/esl/unanswering.ts',
    ['test/freeswitch/esl/unanswering'],
    [
      {
        id: 'esl-frames-that-answer-nothing',
        rule: 'a peer that sends ever more frames is left',
        find: 'this.frames <= MAX_FRAMES_PER_SECOND && ',
        replace: '',
      },
      {
        id: 'esl-bytes-that-answer-nothing',
        rule: 'a peer that sends ever more bytes is left',
        find: ' && this.bytes <= MAX_BYTES_PER_SECOND',
        replace: '',
      },
      {
        id: 'esl-unanswering-a-second',
        rule: 'what came long ago does not count against a peer',
        find: 'if (nowMs - this.sinceMs >= 1_000) {',
        replace: 'if (this.frames === 0) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/esl/connection.ts',
    ['test/freeswitch/esl/heartbeats'],
    [
      {
        id: 'esl-flood-ends-the-connection',
        rule: 'a flood of frames that answer nothing ends its connection',
        find: "if (tooMuch !== null) return { kind: 'end', reason: tooMuch };",
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/esl/heartbeats.ts',
    ['test/freeswitch/esl/heartbeats'],
    [
      {
        id: 'heartbeats-not-again-at-once',
        rule: 'a connection that we ended is not opened again at once',
        find: 'if (this.connection !== null) {',
        replace: 'if (this.connection?.isOpen === true) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/esl/frames.ts',
    ['test/freeswitch/esl/many-frames'],
    [
      {
        id: 'esl-one-move-a-chunk',
        rule: 'what is left of a chunk is moved once',
        find: '    this.start = next;\n    this.checked = next;\n    this.lineStart = next;\n    this.header = null;\n',
        replace:
          '    this.start = next;\n    this.checked = next;\n    this.lineStart = next;\n    this.header = null;\n    this.toFront();\n',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/esl/status.ts',
    ['test/freeswitch/node-probe'],
    [
      {
        id: 'check-neither-yes-nor-no',
        rule: 'a check that answers neither yes nor no is not known',
        find: "text === 'false' ? false : null",
        replace: 'false',
      },
    ],
  ),
  ...mutantsOf(
    'lib/freeswitch/esl/esl-probe.ts',
    ['test/freeswitch/node-probe', 'test/freeswitch/fuzz/found'],
    [
      {
        id: 'shutdown-that-waits-is-told',
        rule: 'a shutdown that waits for the last call is told, with what ends it',
        find: 'shutdownPending === true ? SHUTDOWN_PENDING_DETAIL : null',
        replace: 'null',
      },
      {
        id: 'paused-not-told-is-not-ok',
        rule: 'a node is well that said in full that it is ready and not paused',
        find: 'paused.inbound === false && status',
        replace: 'paused.inbound !== true && status',
      },
      {
        id: 'paused-outbound-is-paused',
        rule: 'a node that is paused for outgoing calls alone loses every call that it takes',
        find: "paused.outbound === true || status?.ready === false) return 'paused'",
        replace: "status?.ready === false) return 'paused'",
      },
      {
        id: 'paused-outbound-not-told-is-ok',
        rule: 'a node that does not know whether outgoing calls are paused is well',
        find: 'paused.outbound === true || status?.ready === false',
        replace: 'paused.outbound !== false || status?.ready === false',
      },
      {
        id: 'paused-tells-the-direction',
        rule: 'a pause tells which calls it is for',
        find: 'return inbound === false && outbound === true ? PAUSED_OUTBOUND_DETAIL : PAUSED_DETAIL;',
        replace: 'return PAUSED_DETAIL;',
      },
    ],
  ),
  ...mutantsOf('lib/operations/observe/latest-only.ts', PURE_PARTS, [
    {
      id: 'latest-never-overlaps',
      rule: 'an older look is never written over a newer one',
      find: 'this.running ??= this.drain();',
      replace: 'this.running = this.drain();',
    },
    {
      id: 'latest-newest-waits',
      rule: 'of what waits only the newest is kept',
      find: 'this.waiting = { item };',
      replace: 'this.waiting ??= { item };',
    },
    {
      id: 'latest-all-that-waits',
      rule: 'what came meanwhile is worked on',
      find: 'while (this.waiting !== null) {',
      replace: 'if (this.waiting !== null) {',
    },
    {
      id: 'latest-works-again',
      rule: 'what comes after the end is worked on',
      find: '      this.running = null;\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/observe/look-out.ts', OBSERVER, [
    {
      id: 'look-inherits',
      rule: 'a hand-over goes on counting',
      find: 'if (inherited !== null) this.last.set(node.id, inherited);',
      replace: '',
    },
    {
      id: 'look-inherits-of-its-zone',
      rule: 'an observer inherits from its own zone',
      find: 'observations.filter(({ zone }) => zone === self.zone)',
      replace: 'observations',
    },
    {
      id: 'look-inherits-the-database',
      rule: 'an observer that begins knows of the database what the one before it knew',
      find: 'new DatabaseWatch(deps, newest)',
      replace: 'new DatabaseWatch(deps)',
    },
    {
      id: 'look-hears-of-the-database',
      rule: 'an observer that was not there knows of the database what other zones saw',
      find: '    this.database.hear(view.current.observations);\n',
      replace: '',
      tests: ['test/simulation/database-hangs'],
    },
    {
      id: 'look-saw-well',
      rule: 'only a node that was well is looked at anew when its connection closes',
      find: 'return this.last.get(nodeId)?.eslMisses === 0;',
      replace: 'return this.last.has(nodeId);',
    },
    {
      id: 'look-follows-the-topology',
      rule: 'nodes of a new topology are looked at',
      find: '    probes.follow(topology);\n',
      replace: '    if (this.last.size === 0) probes.follow(topology);\n',
    },
    {
      id: 'look-refreshes',
      rule: 'the view of the cluster is refreshed',
      find: '    view.refreshIfDue();\n',
      replace: '',
    },
    {
      id: 'look-asks-the-database',
      rule: 'each look asks for the database',
      find: '    this.database.ask();\n',
      replace: '',
    },
    {
      id: 'look-notes-the-database',
      rule: 'what the zone sees of the database is written beside the look',
      find: 'database: this.database.evidence(),',
      replace: 'database: null,',
    },
    {
      id: 'look-jump-before',
      rule: 'a process that stood still before a look is muted for it',
      find: 'const jump = this.jumpBy(dueMs) ?? jumpedBefore;',
      replace: 'const jump = this.jumpBy(dueMs);',
    },
    {
      id: 'look-jump-within',
      rule: 'a process that stood still in a look is muted for it',
      find: 'const jump = this.jumpBy(dueMs) ?? jumpedBefore;',
      replace: 'const jump = jumpedBefore;',
    },
    {
      id: 'look-dated-by-its-start',
      rule: 'a look that straddles a change of holder counts as one from before it',
      find: '        startedAtMs,\n',
      replace: '        startedAtMs: clock.wallMs(),\n',
    },
    {
      id: 'look-blind-counts-no-miss',
      rule: 'who sees nothing counts no misses',
      find: '        blind,\n        mutedWhy',
      replace: '        blind: blind && this.self.zone === "",\n        mutedWhy',
    },
    {
      id: 'look-muted',
      rule: 'who knows that it does not know says so',
      find: 'mutedWhy: mutedWhy ?? whyLate(look),',
      replace: 'mutedWhy: whyLate(look),',
    },
    {
      id: 'look-late',
      rule: 'who got no answer in a late look says so',
      find: 'mutedWhy: mutedWhy ?? whyLate(look),',
      replace: 'mutedWhy,',
    },
    {
      id: 'look-jumped-counts-no-miss',
      rule: 'a deadline that passed in a frozen process is no miss',
      find: 'jumped: jump !== null,',
      replace: 'jumped: false,',
    },
    {
      id: 'look-remembers-its-health',
      rule: 'what an observer knows of itself outlasts a look',
      find: '    this.health = health;\n',
      replace: '',
    },
    {
      id: 'look-remembers',
      rule: 'misses are counted from look to look',
      find: '    for (const observation of observations) this.last.set(observation.nodeId, observation);\n',
      replace: '',
    },
    {
      id: 'look-asks-for-attention',
      rule: 'a holder that is unwell is judged at once',
      find: 'attention: vipsNeedingAttention(vips, this.last, instances)',
      replace: 'attention: []',
    },
    {
      id: 'look-cold-looks-again',
      rule: 'a cold observer looks again at once',
      find: 'unsettled: wasCold || ',
      replace: 'unsettled: ',
    },
    {
      id: 'look-unsettled-looks-again',
      rule: 'k misses take k deadlines and not k intervals',
      find: 'wasCold || observations.some((each) => isUnsettled(each, policy))',
      replace: 'wasCold',
    },
    {
      id: 'look-last-reading',
      rule: 'a clock is compared with its last reading',
      find: '    this.lastReading = now;\n',
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/operations/observe/publisher.ts',
    [...OBSERVER, ...FAILING_PARTS],
    [
      {
        id: 'publish-all-in-trouble',
        rule: 'each look is written while a holder is unwell',
        find: 'attention.length > 0 || this.isDue(each, policy)',
        replace: 'this.isDue(each, policy)',
      },
      {
        id: 'publish-what-changed',
        rule: 'what says something else than before is written at once',
        find: 'if (last === undefined || last.essence !== essence(observation, policy)) return true;',
        replace: 'if (last === undefined) return true;',
      },
      {
        id: 'publish-heartbeat',
        rule: 'a node that is well is written each heartbeat',
        find: 'return this.deps.clock.monotonicMs() - last.atMs >=',
        replace: 'return this.deps.clock.monotonicMs() - last.atMs >= 1e9 +',
      },
      {
        id: 'publish-failed-is-not-written',
        rule: 'what could not be written is written with the next look',
        find: `      await this.deps.store.putObservation(observation, this.deps.clock.wallMs());
      this.written.set(observation.nodeId, {
        essence: essence(observation, policy),
        atMs: this.deps.clock.monotonicMs(),
      });`,
        replace: `      this.written.set(observation.nodeId, {
        essence: essence(observation, policy),
        atMs: this.deps.clock.monotonicMs(),
      });
      await this.deps.store.putObservation(observation, this.deps.clock.wallMs());`,
      },
      {
        id: 'publish-judges',
        rule: 'a holder that is unwell is judged',
        find: 'if (attention.length > 0) this.judgements.offer(attention);',
        replace: '',
      },
      {
        id: 'publish-judges-in-need',
        rule: 'a cluster that is well is not judged with each look',
        find: 'if (attention.length > 0) this.judgements.offer(attention);',
        replace: 'this.judgements.offer(attention);',
      },
      {
        id: 'publish-judges-after-writing',
        rule: 'the vote of this zone is written before it is judged',
        find: 'await Promise.all(due.map((observation) => this.writeOne(observation, policy)));',
        replace: 'void Promise.all(due.map((observation) => this.writeOne(observation, policy)));',
      },
      {
        id: 'publish-judges-unwritten',
        rule: 'the votes of the other zones may be enough',
        find: "      this.deps.metrics.count('ObservationWriteErrors', 1);",
        replace: "      this.deps.metrics.count('ObservationWriteErrors', 1);\n      throw error;",
      },
      {
        id: 'publish-expires-the-view',
        rule: 'what a judgement changed is read at once',
        find: '      this.deps.onEvaluated();\n',
        replace: '',
      },
      {
        id: 'publish-outlasts-a-judgement',
        rule: 'a judgement that failed ends no watch',
        find: "      this.deps.metrics.count('EvaluationErrors', 1);",
        replace: "      this.deps.metrics.count('EvaluationErrors', 1);\n      throw error;",
      },
    ],
  ),
  ...mutantsOf('lib/operations/observe/cluster-view.ts', OBSERVER, [
    {
      id: 'view-stands-while-away',
      rule: 'the last view stands while the store is away',
      find: "      this.deps.metrics.count('ClusterReadErrors', 1);",
      replace: "      this.deps.metrics.count('ClusterReadErrors', 1);\n      throw error;",
    },
    {
      id: 'view-not-with-each-look',
      rule: 'the cluster is not read with each look',
      find: 'if (this.deps.clock.monotonicMs() - this.refreshedAtMs >= REFRESH_EVERY_MS) this.refreshes',
      replace: 'this.refreshes',
    },
  ]),
  ...mutantsOf(
    'lib/operations/observe/probe-set.ts',
    [...OBSERVER, ...FAILING_PARTS],
    [
      {
        id: 'probe-of-a-changed-node',
        rule: 'a probe whose node changed is replaced',
        find: 'if (wanted.get(nodeId)?.madeFrom !== entry.madeFrom) this.remove(nodeId, entry);',
        replace: 'if (!wanted.has(nodeId)) this.remove(nodeId, entry);',
      },
      {
        id: 'probe-of-a-removed-node',
        rule: 'a node that is removed is let go',
        find: 'if (wanted.get(nodeId)?.madeFrom !== entry.madeFrom) this.remove(nodeId, entry);',
        replace: '',
      },
      {
        id: 'probe-that-never-ends',
        rule: 'a probe that never ends holds up no look',
        find: 'await Promise.race([probe.probe(timeoutMs), overdue])',
        replace: 'await probe.probe(timeoutMs)',
      },
      {
        id: 'probe-that-breaks',
        rule: 'a probe that fails by itself is no evidence',
        find: '      log.error(`the probe of ${nodeId} failed by itself`',
        replace: '      throw error;\n      log.error(`the probe of ${nodeId} failed by itself`',
      },
      {
        id: 'probe-late',
        rule: 'a look that ended after its deadline says so',
        find: 'late: clock.monotonicMs() > dueMs',
        replace: 'late: false',
      },
      {
        id: 'probe-of-today',
        rule: 'the loss of a connection that was let go is no news',
        find: 'if (this.entries.get(nodeId)?.probe === probe) this.deps',
        replace: 'this.deps',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/observe/tick.ts',
    [...OBSERVER, ...PURE_PARTS, ...FAILING_PARTS],
    [
      {
        id: 'tick-spaced',
        rule: 'a miss stands for a deadline’s silence, also when it is known sooner',
        find: 'Math.max(startedMs + spacingMs, unsettled ? nowMs : gridMs)',
        replace: 'unsettled ? nowMs + 1 : gridMs',
      },
      {
        id: 'tick-hurries',
        rule: 'a nudge ends the wait for the next look',
        find: 'if (this.waiting?.nudgeable === true) this.waiting.end();',
        replace: '',
      },
      {
        id: 'tick-nudges-are-spaced',
        rule: 'a peer that hangs up without end is not looked at without end',
        find: 'Math.max(Math.min(nowMs, dueMs), this.lastHurriedMs + spacingMs)',
        replace: 'Math.min(nowMs, dueMs)',
      },
      {
        id: 'tick-outlasts-a-look',
        rule: 'a look that fails ends no watch',
        find: "      this.deps.metrics.count('LookErrors', 1);",
        replace: "      this.deps.metrics.count('LookErrors', 1);\n      throw error;",
      },
      {
        id: 'tick-on-the-grid',
        rule: 'looks do not drift',
        find: 'return lastMs + steps * intervalMs;',
        replace: 'return nowMs + intervalMs;',
      },
      {
        id: 'tick-nothing-made-up',
        rule: 'looks that were missed are not made up for',
        find: 'Math.max(0, Math.floor((nowMs - lastMs) / intervalMs) + 1)',
        replace: '1',
      },
    ],
  ),
];
