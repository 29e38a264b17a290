/** What `explain` says: what is so, and what is missing for a failover. */
import { mutantsOf, type Mutant } from '../mutant';

const EXPLAIN = ['test/domain/explain.test'];
const WHAT_IF = ['test/domain/explain-what-if'];
const STUCK = ['test/domain/explain-stuck'];
const INCIDENTS = ['test/domain/explain-incidents'];
const NOT_BEGUN = ['test/domain/decide/planned-move-not-begun'];

const WHOLE = mutantsOf('lib/domain/explain.ts', EXPLAIN, [
  {
    id: 'explained-where-it-is-served',
    rule: 'a VIP whose planned move took nothing is explained where it still is',
    find: 'const served = withOldHolders(snapshot, journals);',
    replace: 'const served = snapshot;',
    tests: NOT_BEGUN,
  },
  {
    id: 'explained-stored-position',
    rule: 'and its position is the one of the change that is stuck',
    find: 'positionOfVip({ vip: stored,',
    replace: 'positionOfVip({ vip: state,',
    tests: NOT_BEGUN,
  },
  {
    id: 'explained-position-by-its-journal',
    rule: 'a change that is stuck is not called under way',
    find: 'journal: journalOf(journals, stored) ?? null',
    replace: 'journal: null',
    tests: STUCK,
  },
  {
    id: 'explained-journal-of-the-vip',
    rule: 'the journal of another VIP says nothing of this one',
    find: 'each.vipId === vipId && each.epoch === epoch);',
    replace: 'each.epoch === epoch);',
    tests: STUCK,
  },
  {
    id: 'explained-journal-of-the-epoch',
    rule: 'the journal of an epoch that is over says nothing',
    find: 'each.vipId === vipId && each.epoch === epoch);',
    replace: 'each.vipId === vipId);',
    tests: STUCK,
  },
  {
    id: 'explained-vip-without-state',
    rule: 'a VIP that the store does not have yet breaks no explanation',
    find: 'if (stored === undefined || state === undefined || classification === undefined || outcome === undefined) return [];',
    replace: '',
    tests: WHAT_IF,
  },
  {
    id: 'explained-paused-until-its-window-ends',
    rule: 'a cluster whose maintenance window is over is not paused',
    find: 'isPaused(control, nowMs) ?',
    replace: 'control.paused ?',
  },
  {
    id: 'explained-paused-without-a-reason',
    rule: 'a cluster that was paused without a reason is paused',
    find: "(control.pausedReason ?? 'no reason given')",
    replace: 'control.pausedReason',
  },
  {
    id: 'explained-incidents-of-zones-and-nodes',
    rule: 'what on-call is told of zones and nodes is explained',
    find: 'besidesOf(decide(snapshot, journals, nowMs))',
    replace: 'besidesOf([])',
    tests: INCIDENTS,
  },
  {
    id: 'foretold-from-where-it-is-served',
    rule: 'what would fail is the node that serves it, and not the one that it was to go to',
    find: 'whatIf(served, journals, nowMs)',
    replace: 'whatIf(snapshot, journals, nowMs)',
    tests: WHAT_IF,
  },
  {
    id: 'explained-death-of-its-holder',
    rule: 'the first line foretells the death of the node that holds the VIP',
    find: ' && failure.nodeId === nodeId',
    replace: '',
  },
  {
    id: 'explained-death-for-the-vip',
    rule: 'the first line foretells of each VIP what becomes of that one',
    find: 'killed?.effects.find((effect) => effect.vipId === vipId)',
    replace: 'killed?.effects[0]',
  },
  {
    id: 'explained-nothing-missing-where-it-fails-over',
    rule: 'nothing is missing of a failover that is decided',
    find: 'failsOver(outcome) ? [] : ',
    replace: '',
  },
  {
    id: 'explained-what-misses-of-another-change',
    rule: 'a change that is no failover leaves something missing of one',
    find: " && outcome.decision.transition === 'failover'",
    replace: '',
  },
  {
    id: 'explained-what-another-vip-took',
    rule: 'where nothing of its own is missing the decision says what is',
    find: 'own.length === 0 ? reasonsOf(outcome) : own',
    replace: 'own',
    tests: STUCK,
  },
]);

const SERVED = mutantsOf('lib/domain/explain/served.ts', EXPLAIN, [
  {
    id: 'served-by-a-holder',
    rule: 'a VIP that nobody holds is served by nobody',
    find: "if (holder === null) return 'no';",
    replace: "if (holder === null) return 'unknown';",
  },
  {
    id: 'served-while-its-database-hangs',
    rule: 'SIP that waits for its database may take calls',
    find: "  if (classification.case === 'database-hangs') return 'unknown';\n",
    replace: '',
  },
  {
    id: 'served-since-it-took-over',
    rule: 'a look from before this holder took over says nothing of it',
    find: 'observation.observedAtMs > changedAtMs,',
    replace: 'observation.observedAtMs > 0 * changedAtMs,',
  },
  {
    id: 'served-by-a-majority',
    rule: 'one observer that is answered is no majority',
    find: "if (answered >= needed) return 'yes';",
    replace: "if (answered > 0) return 'yes';",
  },
  {
    id: 'served-to-half',
    rule: 'a majority that is answered is enough',
    find: "if (answered >= needed) return 'yes';",
    replace: "if (answered > needed) return 'yes';",
  },
  {
    id: 'unserved-by-a-majority',
    rule: 'one observer that is not answered is no outage',
    find: 'voters.length - answered >= needed',
    replace: 'voters.length > answered',
  },
  {
    id: 'unserved-of-those-who-look',
    rule: 'who has no vote does not find it unserved',
    find: 'voters.length - answered >= needed',
    replace: 'topology.observers.length - answered >= needed',
  },
  {
    id: 'served-in-service',
    rule: 'a holder in `fsctl pause` takes no calls',
    find: "esl.verdict !== 'paused' && ",
    replace: '',
  },
  {
    id: 'served-by-a-full-holder',
    rule: 'a full holder serves those that it has',
    find: "(verdict === 'ok' || verdict === 'busy')",
    replace: "verdict === 'ok'",
  },
]);

const STUCK_AT = mutantsOf('lib/domain/explain/stuck.ts', STUCK, [
  {
    id: 'stuck-on-the-way-to-nowhere',
    rule: 'a change to a node that is gone is stuck at that',
    find: 'if (!nodes.some(({ id }) => id === to.nodeId)) {',
    replace: 'if (nodes.length === 0) {',
  },
  {
    id: 'stuck-at-what-waits',
    rule: 'a step that ended is not what it is stuck at',
    find: 'waiting.filter((step) => steps[step].error !== null)',
    replace: '(Object.keys(steps) as (keyof typeof steps)[]).filter((step) => steps[step].error !== null)',
  },
  {
    id: 'stuck-at-its-name',
    rule: 'a VIP without an Elastic IP can be stuck at its name',
    find: 'elasticIp !== null);',
    replace: 'elasticIp !== undefined);',
  },
  {
    id: 'stuck-but-at-its-name',
    rule: 'and one with it is not',
    find: 'elasticIp !== null);',
    replace: 'elasticIp === undefined);',
  },
  {
    id: 'stuck-at-what-was-tried',
    rule: 'what waits for another step is not what it is stuck at',
    find: 'tried.length > 0 ? tried : waiting.slice(0, 1)',
    replace: 'waiting',
  },
  {
    id: 'stuck-at-something',
    rule: 'where no step says why, the first that waits is named',
    find: 'tried.length > 0 ? tried : waiting.slice(0, 1)',
    replace: 'tried',
  },
  {
    id: 'stuck-at-one-step',
    rule: 'and that one alone',
    find: 'waiting.slice(0, 1)',
    replace: 'waiting',
  },
]);

const HEADLINE = mutantsOf('lib/domain/explain/headline.ts', EXPLAIN, [
  {
    id: 'headline-not-served',
    rule: 'that callers are not served comes first',
    find: "vips.find((vip) => vip.served === 'no')",
    replace: "vips.find((vip) => vip.vipId === '')",
  },
  {
    id: 'headline-unknown',
    rule: 'what nobody can tell is not called served',
    find: "vips.find((vip) => vip.served === 'unknown')",
    replace: "vips.find((vip) => vip.vipId === '')",
  },
  {
    id: 'headline-of-all-unserved',
    rule: 'every VIP whose callers are not served is named, and no other',
    find: '.filter((vip) => vip.served === served)',
    replace: '.filter((vip) => vip.served !== null)',
  },
  {
    id: 'headline-of-a-failure',
    rule: 'a failure that callers do not feel yet is named',
    find: '  if (failing !== undefined) {',
    replace: "  if (failing?.vipId === '') {",
  },
  {
    id: 'headline-of-no-failure',
    rule: 'what is well is no failure',
    find: "classification.kind !== 'none'",
    replace: "classification.kind !== ''",
  },
  {
    id: 'headline-of-a-name-that-is-behind',
    rule: 'who calls a name that is not written is not served',
    find: '  if (unnamed !== undefined) return `BUT',
    replace: "  if (unnamed?.vipId === '') return `BUT",
  },
  {
    id: 'headline-paused',
    rule: 'a cluster that is paused is told before what would happen',
    find: '  if (paused !== null) return `The',
    replace: "  if (paused === '') return `The",
  },
  {
    id: 'headline-exposed',
    rule: 'all is not well while a VIP would lose its callers',
    find: 'ifHolderDies?.staysServed === false',
    replace: 'ifHolderDies?.staysServed === null',
  },
  {
    id: 'headline-exposed-alone',
    rule: 'a VIP that has a standby is not told as one that has none',
    find: 'ifHolderDies?.staysServed === false',
    replace: 'ifHolderDies !== null',
  },
  {
    id: 'headline-gray',
    rule: 'an observer that dissents is told',
    find: '  if (gray !== undefined)\n',
    replace: "  if (gray?.vipId === '')\n",
  },
  {
    id: 'headline-of-all-that-are-well',
    rule: 'all VIPs that are well are named',
    find: "others.length === 0 ? '' : ",
    replace: "others.length >= 0 ? '' : ",
  },
]);

const NAME = mutantsOf('lib/domain/explain/name.ts', EXPLAIN, [
  {
    id: 'explained-without-a-name',
    rule: 'a VIP without a private name has none that is behind',
    find: 'if (privateDns === null || ',
    replace: 'if (',
    tests: STUCK,
  },
  {
    id: 'explained-name-that-is-written',
    rule: 'a name that is written leads where it should',
    find: ' || isSettled(journal.steps.dns)) return null;',
    replace: ') return null;',
  },
  {
    id: 'explained-unserved-whatever-its-name',
    rule: 'who is not served is not, wherever a name leads',
    find: "return served === 'yes' && elasticIp",
    replace: 'return elasticIp',
  },
  {
    id: 'explained-served-by-its-address',
    rule: 'a holder with a public address serves those who call that',
    find: 'elasticIp === null && nameBehind',
    replace: 'nameBehind',
  },
]);

const UNREGISTERED = mutantsOf('lib/domain/explain/headline.ts', WHAT_IF, [
  {
    id: 'headline-of-what-is-not-registered',
    rule: 'a VIP of which the store knows nothing is not well',
    find: 'if (unregistered.length > 0) {',
    replace: 'if (unregistered.length < 0) {',
  },
]);

const STANDBY = mutantsOf('lib/domain/explain/standby.ts', EXPLAIN, [
  {
    id: 'explained-standby-of-an-unassigned-vip',
    rule: 'a VIP that nobody holds has a standby, too',
    find: 'if (holder === null) return firstChoice(rankForGroup(snapshot, [vip], null, nowMs))?.nodeId ?? null;',
    replace: 'if (holder === null) return null;',
  },
  {
    id: 'explained-standby-is-fit',
    rule: 'and that one is fit, and may be chosen by itself',
    find: 'return firstChoice(rankForGroup(snapshot, [vip], null, nowMs))?.nodeId',
    replace: 'return rankForGroup(snapshot, [vip], null, nowMs)[0]?.nodeId',
  },
  {
    id: 'explained-standby-of-a-group',
    rule: 'the standby of a VIP has room for its group',
    find: 'movingTogether(snapshot, vip, holder), holder',
    replace: '[vip], holder',
  },
]);

const WORDS = mutantsOf('lib/domain/explain/words.ts', WHAT_IF, [
  {
    id: 'explained-refused-is-acted-on',
    rule: 'a change that the store would refuse is a consequence',
    find: "  if (outcome.kind === 'refused') return true;\n",
    replace: "  if (outcome.kind === 'refused') return false;\n",
  },
  {
    id: 'explained-incident-is-acted-on',
    rule: 'so is a page',
    find: "return decision.kind === 'incident' || (",
    replace: 'return (',
  },
  {
    id: 'explained-failback-is-no-consequence',
    rule: 'a failback comes with time, and with no failure',
    find: " && decision.transition !== 'failback'",
    replace: '',
  },
  {
    id: 'explained-nothing-happens',
    rule: 'what nobody decides on is not called well',
    find: "decision.well ? 'stays where it is' : ",
    replace: "decision !== null ? 'stays where it is' : ",
  },
  {
    id: 'explained-until-its-block-ends',
    rule: 'a block is told with its end',
    find: "if (kind === 'blocked' && until !== undefined)",
    replace: "if (kind === 'no-holder' && until !== undefined)",
  },
  {
    id: 'explained-in-place-of-another',
    rule: 'a change that goes on is not told as a new one',
    find: '  if (follows !== null) return `goes',
    replace: '  if (follows === undefined) return `goes',
  },
  {
    id: 'explained-why-it-waits',
    rule: 'what waits for another VIP says for which',
    find: '[...outcome.change.reasons, outcome.why]',
    replace: 'outcome.change.reasons',
  },
]);

const MISSING = mutantsOf('lib/domain/explain/missing.ts', EXPLAIN, [
  {
    id: 'missing-a-holder',
    rule: 'a VIP that nobody holds cannot fail over',
    find: "if (holder === null) return ['it",
    replace: "if (holder === null) return []; ['it",
  },
  {
    id: 'missing-on-its-way',
    rule: 'a VIP on its way changes its course when its node dies, and not by votes',
    find: "if (state.status === 'moving') return",
    replace: "if (state.status === 'unassigned') return",
  },
  {
    id: 'missing-permission',
    rule: 'a pause stands in the way',
    find: '    ...missingPermission(of),\n    ...missingVotes(of),',
    replace: '    ...missingVotes(of),',
  },
  {
    id: 'missing-votes',
    rule: 'so do missing votes',
    find: '    ...missingVotes(of),\n',
    replace: '',
  },
  {
    id: 'missing-held-back',
    rule: 'so does what is done in place of a failover',
    find: '    ...heldBack(of),\n',
    replace: '',
  },
  {
    id: 'missing-end-of-a-block',
    rule: 'so does a block',
    find: '    ...(whyBlocked(snapshot, vip, state, leavingWith(snapshot, vip, holder, causeIn(verdict)), nowMs) ?? []),\n',
    replace: '',
  },
  {
    id: 'missing-candidate',
    rule: 'so does a missing standby',
    find: '    ...missingCandidate(of),\n',
    replace: '',
  },
  {
    id: 'missing-room',
    rule: 'so do the limits of the cluster',
    find: '    ...missingRoom(of),\n',
    replace: '',
  },
  {
    id: 'missing-permission-of-a-stuck-change',
    rule: 'a change that is stuck waits for whoever resumes it, too',
    find: 'return [...missingPermission(of), ...waitsFor];',
    replace: 'return waitsFor;',
    tests: STUCK,
  },
  {
    id: 'missing-journal-of-its-epoch',
    rule: 'the journal of an epoch that is over says nothing of what is missing',
    find: 'each.vipId === vip.id && each.epoch === state.epoch)',
    replace: 'each.vipId === vip.id)',
    tests: STUCK,
  },
  {
    id: 'missing-journal-of-its-own',
    rule: 'nor does the journal of another VIP',
    find: 'each.vipId === vip.id && each.epoch === state.epoch)',
    replace: 'each.epoch === state.epoch)',
    tests: STUCK,
  },
  {
    id: 'missing-permission-of-the-cluster',
    rule: 'a cluster that is paused has to be resumed',
    find: "    { name: 'the cluster', item: control },\n",
    replace: '',
  },
  {
    id: 'missing-permission-of-the-vip',
    rule: 'a VIP that is paused has to be resumed',
    find: "    { name: 'the VIP', item: state },\n",
    replace: '',
  },
  {
    id: 'missing-permission-of-the-holder',
    rule: 'a holder that is paused has to be resumed',
    find: '    { name: `its holder ${holder.nodeId}`, item: node },\n',
    replace: '',
  },
  {
    id: 'missing-permission-of-that-node',
    rule: 'a standby that is paused is not its holder',
    find: 'nodes.find((each) => each.nodeId === holder.nodeId)',
    replace: 'nodes.find((each) => each.nodeId !== holder.nodeId)',
  },
  {
    id: 'missing-permission-until',
    rule: 'a window that is over is no pause',
    find: 'item !== undefined && isPaused(item, nowMs) ?',
    replace: 'item !== undefined && item.paused ?',
  },
  {
    id: 'missing-nothing-against',
    rule: 'where a majority is against the holder no vote is missing',
    find: "  if (verdict.kind === 'against') return [];\n",
    replace: '',
  },
  {
    id: 'missing-of-those-who-are-not',
    rule: 'who is against the holder already is not asked again',
    find: 'return isAgainst(vote.opinion) ? [] : [{ zone,',
    replace: 'return [{ zone,',
  },
  {
    id: 'missing-hold',
    rule: 'where one observer dissents it is told how long it has to last',
    find: "if (verdict.kind !== 'held-back') return [",
    replace: 'if (verdict !== null) return [',
  },
  {
    id: 'missing-misses-of-a-beginner',
    rule: 'who misses nothing has nothing to miss more',
    find: 'isAgainst(opinion) || sipMisses === 0',
    replace: 'isAgainst(opinion)',
  },
  {
    id: 'missing-misses-of-those-who-are-not',
    rule: 'who is against it has missed enough',
    find: 'isAgainst(opinion) || sipMisses === 0',
    replace: 'sipMisses === 0',
  },
  {
    id: 'missing-misses-of-both',
    rule: 'where ESL is missed, too, both have to be missed',
    find: 'isDeaf ? [observation.eslHistory, sipHistory] : [sipHistory]',
    replace: '[sipHistory]',
  },
  {
    id: 'missing-misses-of-sip',
    rule: 'where ESL answers SIP alone has to be missed',
    find: 'isDeaf ? [observation.eslHistory, sipHistory] : [sipHistory]',
    replace: '[observation.eslHistory, sipHistory]',
  },
  {
    id: 'missing-misses-with-slack',
    rule: 'an answer that the slack overlooks counts nothing',
    find: 'missesUntil(history, asked, policy.missSlack)',
    replace: 'missesUntil(history, asked, 0)',
  },
  {
    id: 'missing-nothing-to-miss',
    rule: 'who missed enough is asked for no more',
    find: 'return left > 0 ? [',
    replace: 'return left > -9 ? [',
  },
  {
    id: 'missing-while-the-database-hangs',
    rule: 'a database that is to blame stands in the way',
    find: '    pageForDatabase(snapshot, vip, state, holder, verdict, nowMs) ??\n',
    replace: '',
  },
  {
    id: 'missing-while-sip-is-stuck',
    rule: 'a policy that pages for stuck SIP stands in the way',
    find: '    pageForStuckSip(snapshot, vip, state, holder, verdict, nowMs) ??\n',
    replace: '',
  },
  {
    id: 'missing-while-its-supervisor-is-waited-for',
    rule: 'the turn of the supervisor stands in the way',
    find: ' ??\n    waitForSupervisor(snapshot, vip, state, holder, verdict, nowMs);',
    replace: ';',
  },
  {
    id: 'missing-place-for-all-that-leave',
    rule: 'a standby has room for all that leave with the VIP',
    find: 'placesFor(snapshot, leavingWith(snapshot, vip, holder, cause), holder, cause, nowMs)',
    replace: 'placesFor(snapshot, [vip], holder, cause, nowMs)',
    tests: ['test/domain/evacuation'],
  },
  {
    id: 'missing-room-in-the-window',
    rule: 'the limit of automatic failovers stands in the way',
    find: "...(limited?.kind === 'incident' ? limited.reasons : []),",
    replace: '',
  },
  {
    id: 'missing-room-under-the-cap',
    rule: 'the cap on changes at once stands in the way',
    find: '(inFlight >= maxTransitionsInFlight\n',
    replace: '(inFlight > maxTransitionsInFlight\n',
  },
]);

const STANDBYS = mutantsOf(
  'lib/domain/standbys.ts',
  ['test/domain/standbys'],
  [
    {
      id: 'standbys-by-hand-apart',
      rule: 'who only an operator may choose is no standby that takes over by itself',
      find: 'fit.filter((each) => each.manualOnly === manualOnly)',
      replace: 'fit.filter((each) => each.manualOnly === manualOnly || !manualOnly)',
    },
    {
      id: 'standbys-by-hand-are-some',
      rule: 'and is a standby all the same',
      find: 'byHandOnly: named(true)',
      replace: 'byHandOnly: []',
    },
    {
      id: 'standbys-none',
      rule: 'where there is none it is said',
      find: "return byItself.join(', ') || 'NONE';",
      replace: "return byItself.join(', ');",
    },
    {
      id: 'standbys-none-by-itself',
      rule: 'where only an operator can help it is said',
      find: "[byItself.join(', ') || 'NONE by itself', ",
      replace: "[byItself.join(', '), ",
    },
    {
      id: 'standbys-of-both-kinds',
      rule: 'those that only an operator may choose are told as such',
      find: '  if (byHandOnly.length === 0) return byItself',
      replace: '  if (byHandOnly.length >= 0) return byItself',
    },
  ],
);

export const EXPLAINED: Mutant[] = [
  ...WHOLE,
  ...SERVED,
  ...STUCK_AT,
  ...HEADLINE,
  ...NAME,
  ...UNREGISTERED,
  ...STANDBY,
  ...WORDS,
  ...MISSING,
  ...STANDBYS,
];
