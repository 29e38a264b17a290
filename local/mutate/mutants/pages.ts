/** When a human is told, and when not: what lasts, what a majority sees, and what is nobody's fault. */
import { mutantsOf, type Mutant } from '../mutant';

export const PAGES: Mutant[] = [
  ...mutantsOf(
    'lib/operations/converge/page-text.ts',
    ['test/operations/page-text'],
    [
      {
        id: 'page-of-a-change-that-has-begun',
        rule: 'a page does not say that nothing was torn down of a VIP on its way',
        find: ' && !reasons.includes(NOTHING_TORN_DOWN);',
        replace: ' && reasons.length === 0;',
      },
      {
        id: 'page-names-its-table',
        rule: 'a page has the command that explains it, with the name of the table',
        find: "...(isOver ? [] : [`Look:         ${command('explain')}`]),",
        replace: '',
      },
      {
        id: 'limit-acknowledged-by-those-that-count',
        rule: 'the page of the limit of failovers asks to acknowledge those that failed over, not the one that waits',
        find: "command('acknowledge', 'THAT-VIP')",
        replace: "command('acknowledge')",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/sent-elsewhere.ts',
    ['test/domain/decide/retargeting'],
    [
      {
        id: 'nowhere-to-go-says-what-is-done',
        rule: 'who is told that no node can go on with a change is told what it has done',
        find: '[...why, stands]',
        replace: '[...why]',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/explain/words.ts',
    ['test/domain/decide/retargeting'],
    [
      {
        id: 'explained-change-that-has-begun',
        rule: 'nor does `explain`',
        find: "if (kind === 'no-candidate' && !reasons.includes(NOTHING_TORN_DOWN)) {",
        replace: 'if (reasons.length === 0) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/explain/what-if.ts',
    ['test/domain/explain-what-if'],
    [
      {
        id: 'foretold-no-incident-that-stands',
        rule: 'what is the matter without a failure is not told as its consequence',
        find: 'isLost || !isSameIncident(outcome, anyway[index]?.outcomes.get(vip.id))',
        replace: 'true',
      },
      {
        id: 'foretold-served-where-nothing-moves',
        rule: 'a VIP that on-call is paged for goes on being served where its holder was not taken',
        find: "isTakenOver(outcome) || (!isLost && served === 'yes')",
        replace: 'isTakenOver(outcome)',
      },
      {
        id: 'foretold-not-served-without-the-holder',
        rule: 'a holder that is taken serves nobody',
        find: "(!isLost && served === 'yes')",
        replace: "served === 'yes'",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/explain/headline.ts',
    ['test/domain/explain-incidents'],
    [
      {
        id: 'explained-not-well-while-on-call-is-told',
        rule: 'all is not well while on-call is told of a node',
        find: '  if (told !== undefined) return `BUT ${told.of} ${told.says}.`;\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/explain/besides.ts',
    ['test/domain/explain-incidents'],
    [
      {
        id: 'explained-gravest-incident-first',
        rule: 'a second server is named before a clock that is ahead',
        find: '[...all.filter((each) => !isClock(each)), ...all.filter(isClock)]',
        replace: '[...all.filter(isClock), ...all.filter((each) => !isClock(each))]',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/status.ts',
    ['test/operations/status.test'],
    [
      {
        id: 'status-names-incidents-of-nodes',
        rule: 'what on-call is told of a node is in the status',
        find: 'ofNoVip(decisions).map(',
        replace: 'ofNoVip([]).map(',
      },
      {
        id: 'status-stuck-is-not-moving',
        rule: 'a change that waits for a human is not called under way',
        find: "if (journal?.status !== 'stuck') return null;",
        replace: "if (journal?.status !== 'superseded') return null;",
      },
      {
        id: 'status-open-is-not-stuck',
        rule: 'nor is one that is under way called stuck',
        find: "if (journal?.status !== 'stuck') return null;",
        replace: 'if (journal === undefined) return null;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/explain/missing.ts',
    ['test/domain/explain-stuck'],
    [
      {
        id: 'explained-stuck-waits-for-a-human',
        rule: 'a change that is stuck is not said to change its course when a node dies',
        find: "if (journal?.status !== 'stuck') {",
        replace: 'if (journal === undefined || of.nowMs > 0) {',
      },
      {
        id: 'explained-stuck-is-acknowledged-once',
        rule: 'what was acknowledged is not said to wait for it',
        find: 'isAcknowledged(state, journal) ? [] : ',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/explain/name.ts',
    ['test/domain/explain.test'],
    [
      {
        id: 'explained-served-by-name',
        rule: 'who has nothing but a name that is not written is not called served',
        find: " && elasticIp === null && nameBehind !== null ? 'unknown' : served",
        replace: " && elasticIp === null && nameBehind === '' ? 'unknown' : served",
      },
      {
        id: 'explained-name-of-the-same-node',
        rule: 'a name leads where it should while its VIP stays on its node',
        find: '  if (from?.nodeId === to.nodeId) return null;\n',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/gray.ts',
    ['test/domain/gray'],
    [
      {
        id: 'gray-of-a-majority',
        rule: 'one observer in trouble is no gray failure',
        find: 'if (troubled.length < quorumOf(topology.observers.length)) return null;',
        replace: 'if (troubled.length === 0) return null;',
      },
      {
        id: 'gray-after-three-holds',
        rule: 'silence that everybody agrees on is decided before anything is called gray',
        find: 'const HOLDS_UNTIL_GRAY = 3;',
        replace: 'const HOLDS_UNTIL_GRAY = 1;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/lossy.ts',
    ['test/domain/lossy'],
    [
      {
        id: 'loss-is-heavy',
        rule: 'a few looks that missed are no heavy loss',
        find: 'misses >= 12 && silences >= 4',
        replace: 'silences >= 4',
      },
      {
        id: 'loss-of-either-signal',
        rule: 'loss of one of the two signals is enough: callers hear it',
        find: 'filter(({ losses }) => losses.some(isHeavy))',
        replace: 'filter(({ losses }) => losses.every(isHeavy))',
      },
      {
        id: 'loss-over-by-both-signals',
        rule: 'loss is over when neither signal has any',
        find: 'filter(({ losses }) => losses.every(isOver))',
        replace: 'filter(({ losses }) => losses.some(isOver))',
      },
      {
        id: 'loss-over-when-little-is-left',
        rule: 'what told of loss once is told until little is left of it',
        find: 'misses <= 2 || silences <= 1',
        replace: 'misses <= 11 || silences <= 3',
      },
      {
        id: 'loss-seen-by-voters',
        rule: 'an observer without a vote tells of no loss',
        find: 'return votesOn(topology, observations, state, holder, nowMs).map(({ observation }) => ({',
        replace:
          'return observations.filter((each) => each.nodeId === holder.nodeId && votesOn !== null && topology !== null).map((observation) => ({',
      },
      {
        id: 'silences-are-apart',
        rule: 'misses in a row are one silence',
        find: 'silences: bitsOf(history & ~(history >>> 1))',
        replace: 'silences: bitsOf(history)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/withdrawn.ts',
    ['test/domain/withdrawn'],
    [
      {
        id: 'withdrawn-since-it-took-over',
        rule: 'what its node did before is no outage of this holder',
        find: 'Math.max(withdrawnSinceMs, state.changedAtMs)',
        replace: 'withdrawnSinceMs',
      },
      {
        id: 'withdrawn-long-enough',
        rule: 'a holder out of service is paged when it lasts longer than a gray failure may',
        find: 'state.changedAtMs) > limitMs;',
        replace: 'state.changedAtMs) > 0 * limitMs;',
      },
      {
        id: 'withdrawn-since-when',
        rule: 'who does not know since when does not know that it lasts',
        find: 'withdrawnSinceMs !== null && nowMs - Math.max(withdrawnSinceMs, state',
        replace: 'nowMs - Math.max(withdrawnSinceMs ?? 0, state',
      },
      {
        id: 'withdrawn-was-looked-at',
        rule: 'a look from before this holder took over says nothing of it',
        find: 'observation.observedAtMs > state.changedAtMs,',
        replace: 'observation.observedAtMs > 0,',
      },
      {
        id: 'going-down-and-still-answers',
        rule: 'only a node that answers a majority can be moved away from with its calls',
        find: 'answering.length < needed ? null : goingDown',
        replace: 'answering.length < 1 ? null : goingDown',
      },
      {
        id: 'going-down-is-outlived',
        rule: 'a node that was answered for a minute since outlives what EC2 said',
        find: 'instanceNotRunning(instances, nodeId, sinceMs - EVIDENCE_OUTLIVED_MS) === null',
        replace: 'instanceNotRunning(instances, nodeId, 0 * (sinceMs - EVIDENCE_OUTLIVED_MS)) === null',
      },
      {
        id: 'going-down-outlived-for-all',
        rule: 'what EC2 said is old where all looks are that much younger',
        find: 'Math.min(...answering.map(',
        replace: 'Math.max(...answering.map(',
      },
      {
        id: 'going-down-is-this-node',
        rule: 'what EC2 says of another node is not said of this one',
        find: 'return instances.find((each) => each.nodeId === nodeId) ?? null;',
        replace: 'return instances[0] ?? null;',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/unwatched.ts',
    ['test/domain/unwatched', 'test/domain/decide/'],
    [
      {
        id: 'unserved-for-long',
        rule: 'a holder that does not serve for a moment, and that nobody may judge, wakes nobody',
        find: 'unservedForLong(snapshot, state, holder, ABSENT_AFTER_MS, nowMs)',
        replace: 'unservedForLong(snapshot, state, holder, 0 * ABSENT_AFTER_MS, nowMs)',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/unserved.ts',
    ['test/domain/gray', 'test/domain/unwatched'],
    [
      {
        id: 'gray-lasts',
        rule: 'a gray failure is one that lasts',
        find: 'return sinceMs !== null && nowMs - sinceMs > limitMs;',
        replace: 'return sinceMs !== null;',
      },
      {
        id: 'unserved-and-not-served',
        rule: 'an observer that finds it served is not in trouble, and a clock alone wakes nobody',
        find: 'return sinceMs !== null && nowMs - sinceMs > limitMs;',
        replace: 'return nowMs - (sinceMs ?? 0) > limitMs;',
      },
      {
        id: 'unserved-since-it-took-over',
        rule: 'a holder is not charged with what was missed before it took over',
        find: 'Math.max(Math.min(...known), changedAtMs)',
        replace: 'Math.min(...known)',
      },
      {
        id: 'unserved-since-the-first-signal',
        rule: 'callers are unserved since the first of its signals was missed',
        find: 'Math.max(Math.min(...known), changedAtMs)',
        replace: 'Math.max(...known, changedAtMs)',
      },
      {
        id: 'unserved-by-no-unknown-incarnation',
        rule: 'what runs is no other incarnation where nobody knows the holder’s',
        find: 'holder.coreUuid !== null && (observation.esl.coreUuid ?? holder.coreUuid)',
        replace: '(observation.esl.coreUuid ?? holder.coreUuid)',
      },
      {
        id: 'unserved-by-a-standby',
        rule: 'a holder that has fallen into standby does not serve',
        find: 'if (standbys > 0) since.push',
        replace: 'if (standbys < 0) since.push',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/database-trouble.ts',
    ['test/domain/decide', 'test/domain/failback'],
    [
      {
        id: 'database-that-is-well',
        rule: 'a database that answers excuses nothing',
        find: "database === null || database.verdict === 'ok'",
        replace: 'database === null',
      },
      {
        id: 'trouble-of-a-database-that-is-no-more',
        rule: 'what was seen of a database that the cluster has no more holds back nothing',
        find: '  if (topology.database === null) return [];\n',
        replace: '',
      },
      {
        id: 'trouble-by-a-vote',
        rule: 'an observer that has no vote holds back nothing, nor does a look that is old',
        find: 'const voters = votersOn(topology, observations, nodeId, nowMs, topology.policy.freshForMs);',
        replace:
          'const voters = observations.filter((each) => each.nodeId === nodeId).map((observation) => ({ observation }));',
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/hold-back.ts',
    ['test/domain/decide'],
    [
      {
        id: 'database-excuses-stuck-sip-alone',
        rule: 'a dead node is a dead node, whatever the database does',
        find: 'if (!lives && !sipFellSilentAlone(snapshot, vip.id, holder, nowMs)) return null;\n',
        replace: '',
      },
      {
        id: 'database-excuses-no-proof-of-death',
        rule: 'nor is a death that was proved',
        find: "  if (verdict.cause === 'conclusive-death') return null;\n",
        replace: '',
      },
      {
        id: 'database-excuses-who-is-seen-alive',
        rule: 'whoever reads the event socket of a holder knows that it lives',
        find: ' || isSeenAlive(snapshot, state, holder, nowMs);',
        replace: ';',
      },
      {
        id: 'database-excuses-no-zone-cut-off',
        rule: 'the word of its own zone does not hold a failover back',
        find: 'zone !== home && opinion',
        replace: 'opinion',
      },
      {
        id: 'database-excuses-sip-without-esl',
        rule: 'SIP that waits for its database is no death where ESL was gone before',
        find: 'if (!lives && !sipFellSilentAlone(snapshot, vip.id, holder, nowMs)) return null;',
        replace: 'if (!lives) return null;',
      },
      {
        id: 'database-excuses-no-common-end',
        rule: 'SIP and ESL that go together go with the process, whatever the database does',
        find: 'sipSinceMs - eslSinceMs > probeIntervalMs + probeTimeoutMs;',
        replace: 'sipSinceMs - eslSinceMs > -1e9;',
      },
      {
        id: 'database-excuses-by-majority',
        rule: 'that SIP fell silent alone is a majority’s word',
        find: 'return later.length >= quorumOf(topology.observers.length);',
        replace: 'return later.length > 0;',
      },
      {
        id: 'database-that-is-no-more',
        rule: 'a database that the cluster has no more excuses nothing',
        find: "verdict.kind !== 'against' || snapshot.topology.database === null) return null;",
        replace:
          "verdict.kind !== 'against') return null;\n  snapshot = { ...snapshot, topology: { ...snapshot.topology, database: { host: '', port: 0, name: '' } } };",
      },
      {
        id: 'supervisor-by-policy',
        rule: 'nothing is left to a supervisor that the policy does not count on',
        find: "crashAction !== 'restart-in-place' || verdict",
        replace: 'verdict',
      },
      {
        id: 'supervisor-of-a-crash',
        rule: 'silence is not left to a supervisor: its host may be gone',
        find: " || verdict.cause !== 'conclusive-death')\n    return null;",
        replace: ')\n    return null;',
      },
      {
        id: 'crash-loop-but-for-the-first-holder',
        rule: 'the first holder has had no restart that did not last',
        find: 'if (state.epoch > 1 && sinceMs',
        replace: 'if (sinceMs',
      },
      {
        id: 'page-for-stuck-sip-by-policy',
        rule: 'a stuck SIP stack fails over where the policy says so',
        find: "if (snapshot.topology.policy.sipStuckAction !== 'page') return null;",
        replace: '',
      },
      {
        id: 'page-for-stuck-sip-alone',
        rule: '`sipStuckAction: page` keeps no death from its failover',
        find: "if (verdict.kind !== 'against' || verdict.cause !== 'sip-stuck') return null;\n  if (snapshot",
        replace: "if (verdict.kind !== 'against') return null;\n  if (snapshot",
      },
    ],
  ),
  ...mutantsOf(
    'lib/domain/block-period.ts',
    ['test/domain/decide'],
    [
      {
        id: 'block-ends',
        rule: 'a block ends with its period',
        find: '.filter(({ endsAtMs }) => nowMs < endsAtMs);',
        replace: '.filter(({ endsAtMs }) => endsAtMs > 0);',
      },
      {
        id: 'block-needs-a-failover',
        rule: 'a VIP that never failed over is not blocked',
        find: 'if (state.lastAutomaticFailoverAtMs === null) return 0;',
        replace:
          'state = { ...state, lastAutomaticFailoverAtMs: state.lastAutomaticFailoverAtMs ?? state.changedAtMs };\n  if (state.lastAutomaticFailoverAtMs === null) return 0;',
        tests: ['test/domain/decide', 'test/domain/failover-limit', 'test/domain/failback'],
      },
    ],
  ),
];
