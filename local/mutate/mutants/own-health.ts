/** What an observer makes of itself: its clock, its own sight, and the database as it sees it. */
import { mutantsOf, type Mutant } from '../mutant';

const OBSERVE = 'test/operations/observe';
const PURE_PARTS = [`${OBSERVE}/pure-parts`];

export const OWN_HEALTH: Mutant[] = [
  ...mutantsOf('lib/operations/observe/clock-jump.ts', PURE_PARTS, [
    {
      id: 'jump-of-a-process',
      rule: 'a process that stood still knows it',
      find: 'if (lateByMs > limits.lateMs) return',
      replace: 'if (lateByMs > limits.lateMs * 1e6) return',
    },
    {
      id: 'jump-not-a-little-late',
      rule: 'being a little late mutes nobody',
      find: 'if (lateByMs > limits.lateMs) return',
      replace: 'if (lateByMs > 0) return',
    },
    {
      id: 'jump-of-the-wall-clock',
      rule: 'a clock that was set is noticed',
      find: 'if (Math.abs(driftMs) > limits.driftMs) return',
      replace: 'if (driftMs > limits.driftMs * 1e6) return',
    },
    {
      id: 'jump-back-of-the-wall-clock',
      rule: 'a clock that was set back is noticed',
      find: 'Math.abs(driftMs)',
      replace: 'driftMs',
    },
    {
      id: 'jump-not-of-time-passing',
      rule: 'time that passed on both clocks is no drift',
      find: ' - (now.monotonicMs - last.monotonicMs)',
      replace: '',
    },
    {
      id: 'jump-limit-follows-the-interval',
      rule: 'two looks late is no jump, however long their interval',
      find: 'Math.max(2_000, 2 * policy.probeIntervalMs)',
      replace: '2_000',
    },
    {
      id: 'jump-limit-is-two-seconds-at-least',
      rule: 'a machine that was busy for a second costs no quorum its voter',
      find: 'Math.max(2_000, 2 * policy.probeIntervalMs)',
      replace: '2 * policy.probeIntervalMs',
    },
  ]),
  ...mutantsOf(
    'lib/operations/observe/local-health.ts',
    [`${OBSERVE}/local-health`],
    [
      {
        id: 'cold-looks-in-time',
        rule: 'only looks that ended in time warm an observer',
        find: 'before.looksInTime + (inTime ? 1 : 0)',
        replace: 'before.looksInTime + 1',
      },
      {
        id: 'blind-is-muted',
        rule: 'an observer that sees nothing has no vote',
        find: 'mutedWhy: whyBlind(health) ?? ',
        replace: 'mutedWhy: ',
      },
      {
        id: 'jump-mutes-a-window',
        rule: 'a jump mutes for a whole window',
        find: 'muteUntilMs: look.endedMs + limits.muteForMs',
        replace: 'muteUntilMs: look.endedMs',
      },
      {
        id: 'jump-mutes-no-longer',
        rule: 'a jump mutes for a window and no longer',
        find: 'return jump !== null && look.endedMs < jump.muteUntilMs ? jump : null;',
        replace: 'return jump;',
      },
      {
        id: 'jump-begins-anew',
        rule: 'each jump begins a new window',
        find: 'if (look.jump !== null) return',
        replace: 'if (look.jump !== null && jump === null) return',
      },
      {
        id: 'sight-begins-anew',
        rule: 'who is blind again begins to see anew',
        find: 'if (look.blind) return { blind: true };',
        replace: 'if (look.blind && sight === null) return { blind: true };',
      },
      {
        id: 'sight-returns',
        rule: 'who sees again votes after a while',
        find: 'if (seesForMs >= limits.sightForMs) return null;',
        replace: '',
      },
      {
        id: 'sight-from-the-first-look',
        rule: 'the time of seeing counts from the first look that sees',
        find: 'return sight?.blind === true ? { blind: false, sinceMs: look.startedMs } : sight;',
        replace: 'return sight === null ? null : { blind: false, sinceMs: look.startedMs };',
      },
      {
        id: 'late-answers-count',
        rule: 'who got all answers in a late look knows',
        find: 'return look.late === true && isSilent ?',
        replace: 'return look.late === true ?',
      },
      {
        id: 'silence-in-time-counts',
        rule: 'silence in a look that ended in time is a vote',
        find: 'return look.late === true && isSilent ?',
        replace: 'return isSilent ?',
      },
    ],
  ),
  ...mutantsOf('lib/operations/observe/blindness.ts', PURE_PARTS, [
    {
      id: 'sees-by-an-answer',
      rule: 'one node that answers is sight',
      find: 'if (looks.some(answers)) return false;',
      replace: '',
    },
    {
      id: 'sees-by-sip',
      rule: 'an answer over SIP is sight',
      find: "eslAnswered || Object.values(look.sip).some((sip) => sip.verdict !== 'silent')",
      replace: 'eslAnswered',
    },
    {
      id: 'sees-by-esl',
      rule: 'an answer over ESL is sight',
      find: "eslAnswered || Object.values(look.sip).some((sip) => sip.verdict !== 'silent')",
      replace: "Object.values(look.sip).some((sip) => sip.verdict !== 'silent')",
    },
    {
      id: 'sees-not-by-what-it-could-not-ask',
      rule: 'a rejection that took no time was heard from nobody',
      find: "esl.verdict === 'rejected' ? esl.latencyMs !== null : esl.verdict !== 'silent'",
      replace: "esl.verdict !== 'silent'",
    },
  ]),
  ...mutantsOf('lib/operations/observe/attention.ts', PURE_PARTS, [
    {
      id: 'attention-without-a-holder',
      rule: 'a VIP without a holder is judged at once',
      find: "if (vip.status === 'unassigned' || vip.holder === null) return true;",
      replace: 'if (vip.holder === null) return false;',
    },
    {
      id: 'attention-not-seen',
      rule: 'a holder that was not looked at asks for no judgement',
      find: 'if (seen === undefined) return false;',
      replace: 'if (seen === undefined) return true;',
    },
    {
      id: 'attention-going-down',
      rule: 'EC2’s word that a holder goes down is judged at once',
      find: 'goesDown || unpromotable ||',
      replace: 'unpromotable ||',
    },
    {
      id: 'attention-for-a-minute',
      rule: 'EC2’s word counts for a minute',
      find: 'seen.observedAtMs - EVIDENCE_OUTLIVED_MS',
      replace: 'seen.observedAtMs - 1e9',
    },
    {
      id: 'attention-unpromotable',
      rule: 'a paused node that was to take a VIP is judged at once',
      find: 'goesDown || unpromotable || ',
      replace: 'goesDown || ',
    },
    {
      id: 'attention-paused-holder',
      rule: 'and one that holds it is not: it serves its calls',
      find: "vip.status === 'moving' && seen.esl.verdict === 'paused'",
      replace: "seen.esl.verdict === 'paused'",
    },
    {
      id: 'attention-restarted',
      rule: 'another incarnation is judged at once',
      find: 'unpromotable || restarted || ',
      replace: 'unpromotable || ',
    },
    {
      id: 'attention-unknown-incarnation',
      rule: 'no incarnation that was not told is another one',
      find: 'seen.esl.coreUuid !== null && ',
      replace: '',
    },
    {
      id: 'attention-esl',
      rule: 'a holder whose ESL is unwell is judged at once',
      find: '!isEslWell(seen.esl.verdict) || ',
      replace: '',
    },
    {
      id: 'attention-sip',
      rule: 'a holder whose SIP is unwell is judged at once',
      find: ' || !sipIsWell(seen.sip[vip.vipId]?.verdict)',
      replace: '',
    },
    {
      id: 'attention-standby',
      rule: 'a holder in standby is judged at once',
      find: "    case 'busy':\n      return true;\n    case 'standby':\n",
      replace: "    case 'busy':\n    case 'standby':\n      return true;\n",
    },
    {
      id: 'attention-full',
      rule: 'a full holder asks for no judgement per look',
      find: "    case 'busy':\n      return true;\n",
      replace: "      return true;\n    case 'busy':\n",
    },
  ]),
  ...mutantsOf('lib/operations/observe/control-target.ts', PURE_PARTS, [
    {
      id: 'target-silence-is-none',
      rule: 'a target that does not answer is no answer',
      find: "if (!(await tryTarget(target, timeoutMs))) throw new Error('silent');",
      replace: 'await tryTarget(target, timeoutMs);',
    },
    {
      id: 'target-one-is-enough',
      rule: 'one target that answers is sight',
      find: 'Promise.any(attempts)',
      replace: 'Promise.all(attempts)',
    },
    {
      id: 'target-nearer-than-the-target',
      rule: 'what something nearer says is no answer of the target',
      find: "finish(ANSWERS_BY_ERROR.has(error.code ?? ''))",
      replace: 'finish(error.code !== undefined)',
    },
    {
      id: 'target-reset-answers',
      rule: 'a reset is an answer',
      find: "new Set(['ECONNREFUSED', 'ECONNRESET'])",
      replace: "new Set([''])",
    },
    {
      id: 'target-within-its-deadline',
      rule: 'a target that says nothing is no answer after its deadline',
      find: 'setTimeout(() => finish(false), timeoutMs)',
      replace: 'setTimeout(() => finish(true), timeoutMs)',
    },
    {
      id: 'target-whole-port',
      rule: 'a target without a port is refused',
      find: ' && Number.isInteger(port)',
      replace: '',
    },
    {
      id: 'target-list-alone',
      rule: 'what is no list of targets is refused',
      find: 'if (!Array.isArray(value) || !value.every(isControlTarget)) {',
      replace: 'if (!Array.isArray(value)) {',
    },
  ]),
  ...mutantsOf(
    'lib/operations/observe/database-watch.ts',
    [`${OBSERVE}/database-watch`],
    [
      {
        id: 'database-trouble-of-the-one-before',
        rule: 'an observer that begins knows of the trouble that the one before it saw',
        find: '    this.trouble = { sinceMs: atMs - AFTERMATH_MS.most, atMs };\n',
        replace: '',
      },
      {
        id: 'database-trouble-ahead-is-now',
        rule: 'a look that is dated ahead does not lengthen the trouble',
        find: 'Math.max(0, clock.wallMs() - written.observedAtMs)',
        replace: '(clock.wallMs() - written.observedAtMs)',
      },
      {
        id: 'database-well-before',
        rule: 'what the observer before found well was in no trouble',
        find: " || written.database.verdict === 'ok') return;",
        replace: ') return;',
      },
      {
        id: 'database-one-question',
        rule: 'a database that hangs is not asked again beside the first question',
        find: 'askDatabase === undefined || this.askedAtMs !== null',
        replace: 'askDatabase === undefined',
      },
      {
        id: 'database-could-not-be-asked',
        rule: 'a question that failed by itself is asked again',
        find: "      .catch((): DatabaseEvidence => ({ verdict: 'away', detail: 'it could not be asked', latencyMs: null }))\n",
        replace: '',
      },
      {
        id: 'database-asked-again',
        rule: 'a question that was answered is asked again',
        find: '        this.askedAtMs = null;\n',
        replace: '',
      },
      {
        id: 'database-healthy-is-no-trouble',
        rule: 'a database that answers well was in no trouble',
        find: "if (evidence.verdict === 'ok') return;",
        replace: '',
      },
      {
        id: 'database-hangs',
        rule: 'a database that does not answer is slow before its question ends',
        find: 'if (waitingMs < ANSWER_WITHIN_MS / 2) return',
        replace: 'if (waitingMs < ANSWER_WITHIN_MS * 1e6) return',
      },
      {
        id: 'database-hangs-no-sooner',
        rule: 'a question of a moment ago says nothing yet',
        find: 'if (waitingMs < ANSWER_WITHIN_MS / 2) return',
        replace: 'if (this.askedAtMs === null) return',
      },
      {
        id: 'database-aftermath',
        rule: 'silence just after an outage is still the database’s',
        find: 'return this.inAftermath(nowMs) ?? this.latest;',
        replace: 'return this.latest;',
      },
      {
        id: 'database-aftermath-ends',
        rule: 'an outage that is over for long excuses nothing',
        find: " || this.latest?.verdict !== 'ok' || this.isOver(nowMs)) return null;",
        replace: " || this.latest?.verdict !== 'ok') return null;",
      },
      {
        id: 'database-aftermath-lasts',
        rule: 'SIP waits about as long after a trouble as that has lasted',
        find: 'Math.max(AFTERMATH_MS.least, lastedMs)',
        replace: 'AFTERMATH_MS.least',
      },
      {
        id: 'database-aftermath-at-most',
        rule: 'TCP sends again after two minutes at the latest',
        find: 'Math.min(AFTERMATH_MS.most, Math.max(AFTERMATH_MS.least, lastedMs))',
        replace: 'Math.max(AFTERMATH_MS.least, lastedMs)',
      },
      {
        id: 'database-trouble-of-its-own',
        rule: 'a trouble begins anew when nothing waits for the one before',
        find: 'sinceMs: this.isOver(nowMs) ? nowMs : (this.trouble?.sinceMs ?? nowMs)',
        replace: 'sinceMs: this.trouble?.sinceMs ?? nowMs',
      },
      {
        id: 'database-away-is-no-aftermath',
        rule: 'a database that is away is called that, and not slow',
        find: "if (this.trouble === null || this.latest?.verdict !== 'ok' || this",
        replace: 'if (this.trouble === null || this.latest === null || this',
      },
    ],
  ),
];
