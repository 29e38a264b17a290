/** Who may vote on a holder, what a vote is, and how many it takes. */
import { mutantsOf, type Mutant } from '../mutant';

const DECIDE = ['test/domain/decide/', 'test/domain/dissent', 'test/domain/majorities'];

export const VOTES: Mutant[] = [
  ...mutantsOf('lib/domain/votes.ts', DECIDE, [
    {
      id: 'silence-as-far-as-it-was-seen',
      rule: 'time in which an observer did not look is no silence that it knows of',
      find: 'silentForMs: observation.observedAtMs - opinion.sinceMs',
      replace: 'silentForMs: observation.observedAtMs + 5_000 - opinion.sinceMs',
      tests: ['test/domain/dissent'],
    },
    {
      id: 'quorum-against',
      rule: 'a majority of the configured observers is against a holder',
      find: 'const needed = quorumOf(observers);',
      replace: 'const needed = Math.min(1, quorumOf(observers));',
    },
    {
      id: 'quorum-of-voters',
      rule: 'nothing is judged by less than a majority of voters',
      find: "if (votes.length < needed) return { kind: 'no-quorum', voters: votes.length, needed };",
      replace: '',
    },
    {
      id: 'quorum-of-conclusive-death',
      rule: 'a conclusive death takes a majority of refusals',
      find: 'if (conclusive.length >= needed)',
      replace: 'if (conclusive.length >= 1)',
    },
    {
      id: 'weaker-cause',
      rule: 'who still reaches ESL makes the cause the weaker one, with the stronger fence',
      find: '    dead.length >= needed\n',
      replace: '    dead.length >= 1\n',
    },
    {
      id: 'quorum-restarted',
      rule: 'a restart is believed of a majority',
      find: 'uuids.filter((other) => other === uuid).length >= needed',
      replace: 'uuids.filter((other) => other === uuid).length >= 1',
    },
    {
      id: 'quorum-in-standby',
      rule: 'a fallen promotion is believed of a majority',
      find: 'if (standby.length >= needed)',
      replace: 'if (standby.length >= 1)',
    },
    {
      id: 'quorum-misconfigured',
      rule: 'a rejected password is paged on the word of a majority',
      find: 'if (misconfigured.length >= needed)',
      replace: 'if (misconfigured.length >= 1)',
    },
    {
      id: 'fresh-against',
      rule: 'a word against a holder is as young as three looks',
      find: "const stale = opinion.kind !== 'serving' && ageMs > freshAgainstMs;",
      replace: 'const stale = ageMs > Number.POSITIVE_INFINITY * (1 + freshAgainstMs);',
    },
    {
      id: 'dissent-hold',
      rule: 'silence that not everybody agrees on has to last',
      find: 'return leftMs > 0\n',
      replace: 'return leftMs < 0\n',
    },
  ]),
  ...mutantsOf(
    'lib/domain/dissent.ts',
    ['test/domain/dissent'],
    [
      {
        id: 'dissent-of-one',
        rule: 'silence counts at once only where all observers agree',
        find: 'if (agreeing.length >= observers) return 0;',
        replace: 'if (agreeing.length >= observers - 1) return 0;',
      },
      {
        id: 'dissent-known-to-a-majority',
        rule: 'a majority must have known the silence for so long',
        find: 'leftMs[needed - 1]',
        replace: 'leftMs[0]',
      },
    ],
  ),
  ...mutantsOf('lib/domain/model.ts', DECIDE, [
    {
      id: 'majority-of-configured',
      rule: 'a majority is more than half',
      find: 'Math.floor(observers / 2) + 1',
      replace: 'Math.floor(observers / 2)',
    },
  ]),
  ...mutantsOf('lib/domain/voters.ts', DECIDE, [
    {
      id: 'fresh-voters',
      rule: 'an old look is no vote',
      find: 'ageMs <= maxAgeMs && ageMs >= -CLOCKS_APART_MS',
      replace: 'maxAgeMs >= 0 && ageMs >= -CLOCKS_APART_MS',
    },
    {
      id: 'voters-of-the-present',
      rule: 'a look dated ahead is no vote',
      find: 'ageMs <= maxAgeMs && ageMs >= -CLOCKS_APART_MS',
      replace: 'ageMs <= maxAgeMs',
    },
    {
      id: 'blind-has-no-vote',
      rule: 'an observer that is blind has no vote',
      find: '.filter((each) => !each.blind && !each.muted)',
      replace: '.filter((each) => !each.muted)',
    },
    {
      id: 'muted-has-no-vote',
      rule: 'an observer that is muted has no vote',
      find: '.filter((each) => !each.blind && !each.muted)',
      replace: '.filter((each) => !each.blind)',
    },
    {
      id: 'configured-observers-vote',
      rule: 'only configured observers vote',
      find: 'each.nodeId === nodeId && topology.observers.includes(each.zone)',
      replace: 'each.nodeId === nodeId',
    },
    {
      id: 'quorum-of-core-uuid',
      rule: 'an incarnation is what a majority reads',
      find: 'uuids.filter((other) => other === uuid).length >= needed',
      replace: 'uuids.filter((other) => other === uuid).length >= 1',
    },
    {
      id: 'absence-lasts',
      rule: 'a lost quorum is paged only when it lasts',
      find: 'return Math.abs(nowMs - lastVoteMs) > ABSENT_AFTER_MS;',
      replace: 'return Math.abs(nowMs - lastVoteMs) > 0 * ABSENT_AFTER_MS;',
    },
    {
      id: 'absence-of-a-wrong-clock',
      rule: 'a quorum lost to wrong clocks is paged',
      find: 'return Math.abs(nowMs - lastVoteMs) > ABSENT_AFTER_MS;',
      replace: 'return nowMs - lastVoteMs > ABSENT_AFTER_MS;',
    },
  ]),
  ...mutantsOf('lib/domain/opinions.ts', DECIDE, [
    {
      id: 'deaf-process-takes-all-along',
      rule: 'a process that only SIP of another VIP shows alive is left by all of its VIPs or by none',
      find: 'const lives = isMute(observation) && anotherAnswers(observation);',
      replace: 'const lives = false;',
      tests: ['test/domain/evacuation'],
    },
    {
      id: 'deaf-process-does-not-refuse',
      rule: 'one that refuses may be on its way out',
      find: 'const lives = isMute(observation) && anotherAnswers(observation);',
      replace: 'const lives = anotherAnswers(observation);',
      tests: ['test/domain/decide/refused'],
    },
    {
      id: 'deaf-process-asked-as-often-as-a-stuck-one',
      rule: 'the silence of one VIP of a process that lives has to be as sure as that of SIP alone',
      find: 'isMute(observation) && !anotherAnswers(observation);',
      replace: 'isMute(observation);',
      tests: ['test/domain/evacuation'],
    },
    {
      id: 'looked-before-this-holder',
      rule: 'what was seen before this holder took over says nothing of it',
      find: 'if (observation.observedAtMs <= vip.changedAtMs) {',
      replace: 'if (observation.observedAtMs < 0) {',
    },
    {
      id: 'silence-from-before',
      rule: 'silence counts from when the holder took over',
      find: 'return Math.max(missingSinceMs ?? observation.observedAtMs, vip.changedAtMs);',
      replace: 'return missingSinceMs ?? observation.observedAtMs;',
    },
    {
      id: 'rejected-is-no-death',
      rule: 'a rejected password is a misconfiguration',
      find: "return { kind: 'misconfigured' };",
      replace: 'return silentOpinion(observation, vip, policy);',
    },
    {
      id: 'refused-esl-needs-sip',
      rule: 'a refused event socket alone is no death',
      find: 'if (!sipUnreachable(sip)) {\n    return sipAnswers(sip)',
      replace: 'if (sip === undefined) {\n    return sipAnswers(sip)',
    },
    {
      id: 'refused-before-sip',
      rule: 'ESL that was refused while SIP still answered proves no death',
      find: 'if (sipLaterMs > lookMs)',
      replace: 'if (sipLaterMs > lookMs * 1e9)',
    },
    {
      id: 'sip-before-refused',
      rule: 'a SIP stack that was silent long before ESL is refused proves no death',
      find: '-sipLaterMs > lookMs + CLOSES_APART_MS',
      replace: '-sipLaterMs > lookMs * 1e9 + CLOSES_APART_MS',
    },
    {
      id: 'gone-since-nobody-knows',
      rule: 'signals of which nobody knows since when they are gone did not go together',
      find: "return 'since when ESL and SIP are gone is not known';",
      replace: 'return null;',
    },
    {
      id: 'another-vip-that-answers',
      rule: 'a node that answers for another VIP runs a FreeSWITCH that lives',
      find: "if (anotherAnswers(observation)) return 'ESL is refused while SIP of another VIP answers';",
      replace: '',
    },
    {
      id: 'refused-as-often-as-stuck',
      rule: 'where ESL was refused before, SIP has to be missed as often as a stuck one',
      find: 'const saysNothing = isMute(observation) && ',
      replace: "const saysNothing = (isMute(observation) || observation.esl.verdict === 'refused') && ",
    },
    {
      id: 'waits-for-its-last-call',
      rule: 'a FreeSWITCH that was told to stop and answers is not dead',
      find: 'observation.esl.coreUuid !== null || anotherAnswers(observation)',
      replace: 'anotherAnswers(observation)',
    },
    {
      id: 'hangs-up-and-answers-for-another',
      rule: 'a FreeSWITCH that hangs up lives as long as another VIP is answered',
      find: 'observation.esl.coreUuid !== null || anotherAnswers(observation)',
      replace: 'observation.esl.coreUuid !== null',
    },
    {
      id: 'stopping-needs-sip',
      rule: 'an announced shutdown is no death while SIP answers',
      find: 'if (!sipUnreachable(sip)) {\n        return',
      replace: 'if (sip === undefined) {\n        return',
    },
    {
      id: 'suspicion-needs-both',
      rule: 'silence is a death only where ESL and SIP were missed often enough',
      find: '[eslHistory, sipHistory].every(',
      replace: '[eslHistory, sipHistory].some(',
    },
    {
      id: 'stuck-often-enough',
      rule: 'a SIP stack is stuck after sipStuckAfterMisses and no sooner',
      find: 'missedOften(observation.sipHistory[vip.vipId] ?? 0, sipStuckAfterMisses, missSlack)',
      replace: 'missedOften(observation.sipHistory[vip.vipId] ?? 0, 1, missSlack)',
    },
    {
      id: 'standby-since-promotion',
      rule: 'looks at a standby from before its promotion do not count',
      find: 'Math.min(observation.sipStandbys[vip.vipId] ?? 0, Math.floor(looksSince))',
      replace: '(observation.sipStandbys[vip.vipId] ?? looksSince)',
    },
  ]),
  ...mutantsOf(
    'lib/domain/misses.ts',
    ['test/domain/misses', 'test/domain/dissent'],
    [
      {
        id: 'newest-look-missed',
        rule: 'a node that answers now is not dead, whatever it did before',
        find: 'if ((history & 1) === 0) return false;',
        replace: '',
      },
      {
        id: 'k-of-n',
        rule: 'at least k of the last looks missed',
        find: 'return misses >= k;',
        replace: 'return misses >= 1;',
      },
    ],
  ),
];
