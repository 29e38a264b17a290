/** The checks of a run, each clause of them: one that is never broken proves nothing in any number of years. */
import { mutantsOf, type Mutant } from '../mutant';

const ASKED = ['test/simulation/invariants/asked'];
const INSTANTS = ['test/simulation/invariants/instants'];
const DECISIONS = ['test/simulation/invariants/decisions'];
const PATIENCE = ['test/simulation/invariants/patience'];
const ADDRESSES = ['test/simulation/invariants/addresses'];

export const CHECKS: Mutant[] = [
  ...mutantsOf('lib/simulation/watcher.ts', ASKED, [
    {
      id: 'watcher-asks-each-instant',
      rule: 'what must hold in every instant is asked in each',
      find: '    for (const { invariant, broken } of STATE_INVARIANTS) this.note(invariant, broken(this.world));\n',
      replace: '    void STATE_INVARIANTS;\n',
    },
    {
      id: 'watcher-asks-of-decisions',
      rule: 'each decision is held against what must hold of it',
      find: 'for (const { invariant, broken } of DECISION_INVARIANTS) this.note(invariant, broken(made, this.world));',
      replace: 'void [made, DECISION_INVARIANTS];',
    },
    {
      id: 'watcher-asks-of-the-table',
      rule: 'the table is looked at after each of its changes',
      find: '    for (const { invariant, broken } of TABLE_INVARIANTS) this.note(invariant, broken(this.world));\n',
      replace: '    void TABLE_INVARIANTS;\n',
    },
    {
      id: 'watcher-asks-each-second',
      rule: 'patience is asked each second',
      find: '      const found = broken(this.world, patience);',
      replace: '      const found = patience.offForMs < 0 ? broken(this.world, patience) : null;',
    },
    {
      id: 'watcher-sees-addresses',
      rule: 'an address is looked at when it lands',
      find: 'this.note(ADDRESS_INVARIANT.invariant, ADDRESS_INVARIANT.broken(world, allocationId, this.known));',
      replace: 'void ADDRESS_INVARIANT;',
    },
    {
      id: 'watcher-sees-names',
      rule: 'a name is looked at when it changes',
      find: 'this.note(NAME_INVARIANT.invariant, NAME_INVARIANT.broken(world, name, this.known));',
      replace: 'void NAME_INVARIANT;',
    },
  ]),
  ...mutantsOf('lib/simulation/run.ts', ASKED, [
    {
      id: 'run-asks-each-instant',
      rule: 'a run is watched in every instant',
      find: '    watcher.instant();\n',
      replace: '',
    },
    {
      id: 'run-asks-each-second',
      rule: 'a run is watched every second',
      find: '    watcher.second();\n',
      replace: '',
    },
    {
      id: 'run-asks-at-rest',
      rule: 'a run is watched where it rests',
      find: '      watcher.rested();\n',
      replace: '',
    },
    {
      id: 'run-tells-violations',
      rule: 'what the watcher found is in the result',
      find: '    violations: watcher.violations,',
      replace: '    violations: [],',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/states.ts', INSTANTS, [
    {
      id: 'check-one-acts',
      rule: 'two nodes that act for one private VIP are told',
      find: "if (tooMany !== null) return tooMany;\n      }\n      return null;\n    },\n  },\n  {\n    invariant: '3. rows",
      replace:
        'if (tooMany === "") return tooMany;\n      }\n      return null;\n    },\n  },\n  {\n    invariant: \'3. rows',
    },
    {
      id: 'check-transitions-counted',
      rule: 'the counter of transitions is that of those which are open',
      find: 'return open === counted ? null',
      replace: 'return open >= counted || open < counted ? null',
    },
    {
      id: 'check-transitions-capped',
      rule: 'no more are open than the policy allows',
      find: 'return open <= most ? null',
      replace: 'return open <= most + 1 ? null',
    },
    {
      id: 'check-claims',
      rule: 'a holder without a claim is told',
      find: 'if (!claims.includes(vipId)) return',
      replace: "if (!claims.includes(vipId) && vipId === '') return",
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/decisions.ts', DECISIONS, [
    {
      id: 'check-votes-against-a-holder',
      rule: 'a holder is left only on the word of a majority',
      find: 'return votes >= needed ? null : `${transition.id} (${transition.cause}): ${votes}',
      replace: 'return votes >= needed - 1 ? null : `${transition.id} (${transition.cause}): ${votes}',
    },
    {
      id: 'check-votes-by-another-process',
      rule: 'a majority that reads another process there is a word against the holder',
      find: 'return isUnserved || isUnpromotable || isAnother;',
      replace: 'return isUnserved || isUnpromotable;',
    },
    {
      id: 'check-votes-by-who-takes-no-order',
      rule: 'a node that was to take over is left for its event socket only once that was lost for long',
      find: 'observedAtMs - eslMissingSinceMs >= dissentHoldMs;',
      replace: 'observedAtMs >= eslMissingSinceMs;',
    },
    {
      id: 'check-votes-by-who-rejects-us',
      rule: 'or rejects us',
      find: " || esl.verdict === 'rejected') return true;",
      replace: ') return true;',
    },
    {
      id: 'check-votes-by-a-silent-process',
      rule: 'an event socket that does not answer reads no other process',
      find: 'coreUuid !== null && seen.esl.coreUuid !== null && seen',
      replace: 'coreUuid !== null && seen',
    },
    {
      id: 'check-votes-for-a-reinstatement',
      rule: 'a node is promoted again only on the word of a majority',
      find: 'return votes >= needed ? null : `${id} (${cause})',
      replace: 'return votes >= 0 ? null : `${id} (${cause})',
    },
    {
      id: 'check-goes-on-from-a-stuck-one',
      rule: 'one that a human let go on was voted for before',
      find: 'if (goesOnFromStuck(before, world)) return null;',
      replace: '',
    },
    {
      id: 'check-goes-on-as-acknowledged',
      rule: 'and one that nobody let go on was not',
      find: ' && (acknowledgedAtMs ?? 0) > last.decidedAtMs;',
      replace: ';',
    },
    {
      id: 'check-goes-on-where-it-was-stuck',
      rule: 'nor is one that was not stuck',
      find: "return last?.status === 'stuck' && ",
      replace: 'return last !== undefined && ',
    },
    {
      id: 'check-restarted-is-another-process',
      rule: 'the same process is none that restarted',
      find: 'coreUuid !== null && coreUuid !== from.coreUuid :',
      replace: 'coreUuid !== null :',
    },
    {
      id: 'check-standby-is-seen',
      rule: 'a node that serves is not in standby',
      find: "sip[vipId]?.verdict === 'standby',",
      replace: "sip[vipId]?.verdict !== 'silent',",
    },
    {
      id: 'check-candidate-is-fit',
      rule: 'nothing is torn down without a candidate that a majority sees fit',
      find: 'return votes >= needed ? null : `${transition.id}: ${votes} of ${needed} see',
      replace: 'return votes >= needed - 1 ? null : `${transition.id}: ${votes} of ${needed} see',
    },
    {
      id: 'check-candidate-stays',
      rule: 'only a VIP that stays may wait for a paused node',
      find: '(stays && LIVES.has(seen.esl.verdict))',
      replace: 'LIVES.has(seen.esl.verdict)',
    },
    {
      id: 'check-candidate-lives',
      rule: 'a VIP that stays does not wait for who does not answer',
      find: '(stays && LIVES.has(seen.esl.verdict))',
      replace: 'stays',
    },
    {
      id: 'check-fit-is-of-both',
      rule: 'a candidate is fit by its event socket and by its SIP',
      find: "return esl.verdict === 'ok' && (verdict ===",
      replace: 'return (verdict ===',
    },
    {
      id: 'check-database-is-no-dead-stack',
      rule: 'a stack that waits for its database is not stuck',
      find: 'return !isStuck && knowingOf(',
      replace: "return isStuck && transition.id === '' && knowingOf(",
    },
    {
      id: 'check-database-truly-stuck',
      rule: 'a stack that is stuck itself may be left whatever ails the database',
      find: 'return !isStuck && knowingOf(',
      replace: 'return knowingOf(',
    },
    {
      id: 'check-database-known',
      rule: 'nobody can know of a database in its first moments',
      find: 'return !isStuck && knowingOf(transition, transition.from.nodeId, troubledForMs, topology, world)',
      replace: 'return !isStuck && troubledForMs > 0',
    },
    {
      id: 'check-paused-cluster',
      rule: 'a paused cluster decides nothing',
      find: '      if (isOff(control)) return',
      replace: "      if (isOff(control) && transition.id === '') return",
    },
    {
      id: 'check-paused-vip',
      rule: 'nothing is decided of a paused VIP',
      find: '      if (isOff(before)) return',
      replace: "      if (isOff(before) && transition.id === '') return",
    },
    {
      id: 'check-paused-target',
      rule: 'no VIP goes to a paused node',
      find: '      if (isOff(target)) return',
      replace: "      if (isOff(target) && transition.id === '') return",
    },
    {
      id: 'check-paused-holder',
      rule: 'nothing is decided against a paused holder but by an operator',
      find: 'isOff(holder)\n',
      replace: 'isOff(undefined)\n',
    },
    {
      id: 'check-paused-holder-by-an-operator',
      rule: 'an operator may move a VIP from a holder that is paused',
      find: "return transition.cause !== 'operator' &&",
      replace: 'return',
    },
    {
      id: 'check-pause-with-a-window',
      rule: 'a pause whose window is over holds nothing back',
      find: 'item.paused && (item.pausedUntilMs === null || at < item.pausedUntilMs)',
      replace: 'item.paused',
    },
    {
      id: 'check-block-period',
      rule: 'one failover of a VIP in a block period',
      find: 'return sinceMs < topology.policy.blockPeriodMs ?',
      replace: 'return sinceMs < 0 ?',
    },
    {
      id: 'check-block-and-skipped-time',
      rule: 'time that was skipped is over for a block, too',
      find: 'Math.max(last.agoMs, byTheirClocksMs)',
      replace: 'byTheirClocksMs',
    },
    {
      id: 'check-block-and-stepped-clocks',
      rule: 'a clock that was stepped ends no block',
      find: 'Math.min(Math.max(last.agoMs, byTheirClocksMs), last.agoMs + CLOCKS_APART_MS)',
      replace: 'Math.max(last.agoMs, byTheirClocksMs)',
    },
    {
      id: 'check-block-of-that-vip',
      rule: 'a failover of another VIP blocks nothing',
      find: 'failovers.findLast(({ vipId }) => vipId === transition.vipId)',
      replace: 'failovers.at(-1)',
    },
    {
      id: 'check-block-once-a-chain',
      rule: 'a failover that goes on to another node is no second one',
      find: "chain.rootEpoch === epoch || transitions.get(`${vipId}#${epoch - 1}`)?.kind !== 'failover'",
      replace: 'true',
    },
    {
      id: 'check-block-of-a-reinstatement',
      rule: 'a reinstatement that becomes a failover is one',
      find: " || transitions.get(`${vipId}#${epoch - 1}`)?.kind !== 'failover'",
      replace: '',
    },
    {
      id: 'check-block-of-failovers',
      rule: 'what an operator moves is no automatic failover',
      find: "  if (kind !== 'failover') return false;\n",
      replace: '',
    },
    {
      id: 'check-block-acknowledged',
      rule: 'an acknowledgement ends the block',
      find: ' || (before.acknowledgedAtMs ?? 0) >= last.decidedAtMs',
      replace: '',
    },
    {
      id: 'check-failovers-in-a-window',
      rule: 'no more failovers in a window than the policy allows',
      find: 'return counted > maxFailoversPerWindow\n',
      replace: 'return counted > maxFailoversPerWindow + 1\n',
    },
    {
      id: 'check-failovers-of-all',
      rule: 'the failovers of all VIPs count',
      find: 'const unacknowledged = failovers.filter(({ vipId, agoMs }) => {\n',
      replace:
        'const unacknowledged = failovers.filter(({ vipId, agoMs }) => {\n        if (vipId !== before.vipId) return false;\n',
    },
    {
      id: 'check-failovers-of-a-zone',
      rule: 'nodes of one zone that fall together are one event',
      find: 'return before === undefined || agoMs - before.agoMs > CLOCKS_APART_MS;',
      replace: 'return before === undefined || agoMs !== before.agoMs;',
    },
    {
      id: 'check-out-of-service',
      rule: 'a node that is out of service is no new holder',
      find: 'if (target.lockedBy !== null && before.holder?.nodeId !== target.nodeId) {',
      replace: 'if (target.lockedBy !== null && target.nodeId === null) {',
    },
    {
      id: 'check-vips-of-a-node',
      rule: 'no node holds more than the policy allows',
      find: 'return target.claims.length > allowed\n',
      replace: 'return target.claims.length > allowed + 1\n',
    },
    {
      id: 'check-vips-of-a-first-holder',
      rule: 'a first holder may hold more only where callers are already',
      find: "const isFound = transition.kind === 'assignment' && carrier?.id === target.nodeId;",
      replace: "const isFound = transition.kind === 'assignment';",
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/silence.ts', DECISIONS, [
    {
      id: 'check-death-is-seen',
      rule: 'a death is conclusive only where a majority saw both signals go',
      find: 'return ended >= needed ? null',
      replace: 'return ended >= needed - 1 ? null',
    },
    {
      id: 'check-signals-go-together',
      rule: 'signals that went apart are no death',
      find: 'return eslMs !== null && sipMs !== null && sipMs - lookMs <= eslMs && eslMs - lookMs - STOP_TAKES_MS <= sipMs;',
      replace: 'return eslMs !== null && sipMs !== null;',
    },
    {
      id: 'check-misses-enough',
      rule: 'silence speaks only after so many misses of a majority',
      find: 'if (agreed < needed) return',
      replace: 'if (agreed < needed - 1) return',
    },
    {
      id: 'check-misses-counted',
      rule: 'misses are counted',
      find: '>= misses;',
      replace: '>= misses - 1;',
    },
    {
      id: 'check-misses-of-a-stuck-stack',
      rule: 'a stack whose event socket answers is stuck after its own number of misses',
      find: 'if (answers(esl)) return enough(ofSip, sipStuckAfterMisses);',
      replace: 'if (answers(esl)) return enough(ofSip, suspectAfterMisses);',
    },
    {
      id: 'check-misses-after-a-refusal',
      rule: 'where ESL was refused SIP has to be as silent as that of a stuck stack',
      find: "esl.verdict === 'refused' ? sipStuckAfterMisses : suspectAfterMisses",
      replace: 'suspectAfterMisses',
    },
    {
      id: 'check-dissent',
      rule: 'where not everybody agrees silence has to last',
      find: '  if (lasting >= needed) return null;\n',
      replace: '  if (lasting >= 0) return null;\n',
    },
    {
      id: 'check-sake-of-another',
      rule: 'a VIP moves for the sake of another only where that one is to go',
      find: 'return vipsLeaving(world, from.nodeId).some((id) => whyFor(id) === null) ? null : why;',
      replace: 'return vipsLeaving(world, from.nodeId).length > 0 ? null : why;',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/votes.ts', DECISIONS, [
    {
      id: 'check-votes-of-the-blind',
      rule: 'a look without sight is no vote',
      find: 'seen === undefined || seen.blind || seen.muted',
      replace: 'seen === undefined || seen.muted',
    },
    {
      id: 'check-votes-of-the-muted',
      rule: 'a muted look is no vote',
      find: 'seen === undefined || seen.blind || seen.muted',
      replace: 'seen === undefined || seen.blind',
    },
    {
      id: 'check-votes-are-fresh',
      rule: 'an old look is no vote',
      find: '      if (nowMs - seen.observedAtMs > maxAgeMs + DATED_ASIDE_MS) return false;\n',
      replace: '',
    },
    {
      id: 'check-votes-are-not-ahead',
      rule: 'a look that is dated ahead is no vote',
      find: '      if (seen.observedAtMs - Math.max(nowMs, decidedAtMs) > DATED_ASIDE_MS) return false;\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/liveness.ts', PATIENCE, [
    {
      id: 'check-transitions-end',
      rule: 'a transition that does not end is told',
      find: "status === 'open' && nowMs - decidedAtMs > limitMs",
      replace: "status === 'stuck' && nowMs - decidedAtMs > limitMs",
    },
    {
      id: 'check-callers-are-served',
      rule: 'callers who are not served though nothing is wrong are told of',
      find: 'const waiting = [...unservedForMs].find(([, forMs]) => forMs > limitMs);',
      replace: 'const waiting = [...unservedForMs].find(([, forMs]) => forMs < 0);',
    },
    {
      id: 'check-callers-are-served-in-calm',
      rule: 'while something is wrong nobody has to be served',
      find: '      const limitMs = CONVERGES_WITHIN_MS + REPLACES_WITHIN_MS;\n      if (calmForMs < limitMs) return null;\n',
      replace: '      const limitMs = CONVERGES_WITHIN_MS + REPLACES_WITHIN_MS;\n',
    },
    {
      id: 'check-outages-are-paged',
      rule: 'an outage of which nobody was told is told',
      find: 'elapsedMs - pagedAtMs(waiting[0]) < waiting[1] + 2 * MINUTE_MS) return null;',
      replace: 'elapsedMs > pagedAtMs(waiting[0])) return null;',
    },
    {
      id: 'check-callers-are-not-parted',
      rule: 'a node that goes on acting for callers of the private name is told',
      find: 'forMs > PARTED_WITHIN_MS);',
      replace: 'forMs > 1e3 * PARTED_WITHIN_MS);',
    },
    {
      id: 'check-callers-parted-for-a-moment',
      rule: 'but not for the moment that Route 53 takes',
      find: 'forMs > PARTED_WITHIN_MS);',
      replace: 'forMs > 0);',
    },
    {
      id: 'check-world-rests',
      rule: 'a world that never rests is told',
      find: 'if (limitMs === null || calmForMs < limitMs) return null;',
      replace: 'if (limitMs === null || calmForMs < 10 * limitMs) return null;',
    },
    {
      id: 'check-pauses-end',
      rule: 'a pause that nobody ends is told',
      find: 'offForMs < PAUSES_WITHIN_MS ?',
      replace: 'offForMs < 10 * PAUSES_WITHIN_MS ?',
    },
  ]),
  ...mutantsOf('lib/simulation/invariants/addresses.ts', ADDRESSES, [
    {
      id: 'check-address-lands',
      rule: 'an address that lands on somebody who holds nothing is told',
      find: '  if (mayBe.includes(node.id)) return null;\n',
      replace: '  if (mayBe.length > 0) return null;\n',
    },
    {
      id: 'check-address-on-its-way',
      rule: 'only a call of the epoch before may still be under way, and only for a moment',
      find: '    if (sinceMs > ON_ITS_WAY_MS) break;\n',
      replace: '',
    },
    {
      id: 'check-name-lands',
      rule: 'a name that is pointed astray is told',
      find: 'return wrong === null ? null : `${name}: ${wrong}`;',
      replace: 'return null;',
    },
  ]),
];
