/** Who may watch a zone: leases, turns, and what an observer says of its coverage. */
import { mutantsOf, type Mutant } from '../mutant';

const OBSERVE = 'test/operations/observe';
const PURE_PARTS = [`${OBSERVE}/pure-parts`];
const OBSERVER = [`${OBSERVE}/observer/`];

export const WATCH_LEASES: Mutant[] = [
  ...mutantsOf(
    'lib/operations/observe/lease-rule.ts',
    [`${OBSERVE}/lease-rule`],
    [
      {
        id: 'lease-that-ran-out',
        rule: 'a lease that ran out is anybody’s',
        find: 'current === null || current.untilMs <= nowMs',
        replace: 'current === null',
      },
      {
        id: 'lease-that-runs',
        rule: 'a lease that runs is its owner’s',
        find: 'current === null || current.untilMs <= nowMs',
        replace: 'current !== undefined',
      },
      {
        id: 'lease-of-a-wrong-clock',
        rule: 'who renewed in the future does not have the zone until then',
        find: "if (current.renewedAtMs > nowMs + WRONG_CLOCK_MS) return { ruling: 'take', reason: 'wrong-clock' };",
        replace: '',
      },
      {
        id: 'lease-of-a-clock-a-little-ahead',
        rule: 'a clock that is a little ahead loses no lease',
        find: 'if (current.renewedAtMs > nowMs + WRONG_CLOCK_MS)',
        replace: 'if (current.renewedAtMs > nowMs)',
      },
      {
        id: 'lease-of-ours',
        rule: 'our own lease is ours',
        find: "if (current.owner === mine.owner) return { ruling: 'take', reason: 'ours' };",
        replace: '',
      },
      {
        id: 'lease-current-relieves-outdated',
        rule: 'registered code relieves other code at once',
        find: 'if (weAreCurrent && !incumbentIsCurrent) return',
        replace: 'if (weAreCurrent && nowMs < 0) return',
      },
      {
        id: 'lease-only-current-relieves',
        rule: 'code that is not registered relieves nobody for its version',
        find: 'if (weAreCurrent && !incumbentIsCurrent) return',
        replace: 'if (!incumbentIsCurrent) return',
      },
      {
        id: 'lease-current-is-not-relieved',
        rule: 'an incumbent of the registered version is relieved by none of the same',
        find: 'if (weAreCurrent && !incumbentIsCurrent) return',
        replace: 'if (weAreCurrent) return',
      },
      {
        id: 'lease-old-eyes-wait',
        rule: 'old code relieves new code only when nobody else comes in time',
        find: 'incumbentIsCurrent && !weAreCurrent ? policy.scheduleMs : policy.relieveBeforeMs',
        replace: 'policy.relieveBeforeMs',
      },
      {
        id: 'lease-relieved-in-time',
        rule: 'three challengers may be lost before an incumbent ends',
        find: 'incumbentIsCurrent && !weAreCurrent ? policy.scheduleMs : policy.relieveBeforeMs',
        replace: 'policy.scheduleMs',
      },
      {
        id: 'lease-minimum-age',
        rule: 'nobody is relieved for age in its first moments',
        find: 'ageMs >= policy.minimumAgeMs && leftMs',
        replace: 'leftMs',
      },
      {
        id: 'lease-end-of-life',
        rule: 'an incumbent is relieved before its life ends',
        find: 'leftMs < relieveBeforeMs)',
        replace: 'leftMs < -relieveBeforeMs)',
      },
      {
        id: 'lease-of-the-silent-is-waited-for',
        rule: 'who misses its renewals is waited for, and not left in peace',
        find: 'if (nowMs - current.renewedAtMs > policy.aliveForMs) {',
        replace: 'if (nowMs < 0) {',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/observe/lease-keeper.ts',
    [`${OBSERVE}/lease-keeper`, ...OBSERVER],
    [
      {
        id: 'keeper-does-not-steal',
        rule: 'a lease that was taken is not taken back',
        find: 'this.lease(topologyVersion()), () => false',
        replace: 'this.lease(topologyVersion()), () => true',
      },
      {
        id: 'keeper-releases-its-own',
        rule: 'who leaves lets go of no lease but its own',
        find: 'this.lease(topologyVersion, 0), () => false',
        replace: 'this.lease(topologyVersion, 0), () => true',
      },
      {
        id: 'keeper-lost-is-lost',
        rule: 'who lost its lease stops watching',
        find: 'if (!taken && current !== null && current.owner !== this.self.owner) return',
        replace: 'if (current?.owner === "") return',
      },
      {
        id: 'keeper-store-away-loses-nothing',
        rule: 'a store that is away ends no watch',
        find: "this.deps.log.warn('the lease could not be renewed",
        replace: "throw error;\n        this.deps.log.warn('the lease could not be renewed",
      },
      {
        id: 'keeper-release-never-throws',
        rule: 'a lease that could not be released is no failure of the watch',
        find: "this.deps.log.warn('the lease could not be released",
        replace: "throw error;\n      this.deps.log.warn('the lease could not be released",
      },
      {
        id: 'keeper-stopped-does-not-renew',
        rule: 'who was told to stop renews no more',
        find: '      if (signal.aborted) break;\n',
        replace: '',
      },
      {
        id: 'keeper-released-has-run-out',
        rule: 'a released lease lets the next one in at once',
        find: 'this.lease(topologyVersion, 0)',
        replace: 'this.lease(topologyVersion)',
      },
      {
        id: 'keeper-lease-runs-out',
        rule: 'a lease runs out by itself',
        find: 'untilMs: nowMs + validForMs,',
        replace: 'untilMs: nowMs + validForMs * 1e6,',
      },
    ],
  ),
  ...mutantsOf(
    'lib/operations/observe/challenge.ts',
    [`${OBSERVE}/challenge`, ...OBSERVER],
    [
      {
        id: 'challenge-of-a-zone',
        rule: 'a zone that has no observer gets none',
        find: 'if (!topology.observers.includes(mine.zone)) return',
        replace: "if (mine.zone === '') return",
      },
      {
        id: 'challenge-left',
        rule: 'a challenger leaves at once where somebody watches',
        find: "if (result.ruling === 'leave') return { outcome: 'left', reason: result.reason };",
        replace: '',
      },
      {
        id: 'challenge-nothing-registered',
        rule: 'without a registration there is nothing to wait for',
        find: "if (error instanceof NotRegistered) return { outcome: 'left', reason };",
        replace: '',
      },
      {
        id: 'challenge-waits-for-the-store',
        rule: 'a store that is away is waited for at the door',
        find: 'if (error instanceof NotRegistered) return',
        replace: 'if (error instanceof Error) return',
      },
      {
        id: 'challenge-gives-up',
        rule: 'a challenger has left when the next one is due',
        find: 'while (deps.clock.monotonicMs() < giveUpAtMs) {',
        replace: 'while (deps.clock.monotonicMs() < giveUpAtMs * 1e6) {',
      },
      {
        id: 'challenge-by-the-rule',
        rule: 'a lease is taken by the rule alone',
        find: "return ruling.ruling === 'take';",
        replace: 'return true;',
      },
      {
        id: 'challenge-taken-or-not',
        rule: 'who did not get the lease does not watch',
        find: 'if (taken) return ruling;',
        replace: 'if (mine !== null) return ruling;',
      },
      {
        id: 'challenge-beaten',
        rule: 'who was beaten to the lease looks again, and does not come in',
        find: "return now.ruling === 'take' ? { ruling: 'wait', reason: 'another challenger came first' } : now;",
        replace: 'return now;',
      },
    ],
  ),
  ...mutantsOf('lib/operations/observe/quorum-coverage.ts', PURE_PARTS, [
    {
      id: 'coverage-of-every-node',
      rule: 'who sees some of the nodes alone does not watch',
      find: 'nodes.every((node) =>',
      replace: 'nodes.some((node) =>',
    },
    {
      id: 'coverage-of-its-zone',
      rule: 'the look of another zone is no look of this one',
      find: 'each.zone === zone &&',
      replace: '',
    },
    {
      id: 'coverage-of-that-node',
      rule: 'a look at another node is no look at this one',
      find: 'each.nodeId === node.id &&',
      replace: '',
    },
    {
      id: 'coverage-not-blind',
      rule: 'a blind observer does not watch',
      find: '!each.blind &&',
      replace: '',
    },
    {
      id: 'coverage-not-muted',
      rule: 'a muted observer does not watch',
      find: '!each.muted &&',
      replace: '',
    },
    {
      id: 'coverage-fresh',
      rule: 'an old look is no watch',
      find: ' &&\n          isFresh(each, nowMs, policy.freshForMs)',
      replace: '',
    },
    {
      id: 'coverage-quorum',
      rule: 'a quorum is counted from all configured observers',
      find: 'quorumOf(snapshot.topology.observers.length)',
      replace: '1',
    },
    {
      id: 'coverage-one-speaks',
      rule: 'one zone speaks for all',
      find: 'return first === undefined || first === zone;',
      replace: 'return zone !== "";',
    },
    {
      id: 'coverage-somebody-speaks',
      rule: 'without any zone that watches, whoever notices speaks',
      find: 'return first === undefined || first === zone;',
      replace: 'return first === zone;',
    },
    {
      id: 'coverage-counts-the-uncovered',
      rule: 'time without a quorum counts',
      find: '(covered ? 0 : passedMs)',
      replace: '(covered ? 0 : 0)',
    },
    {
      id: 'coverage-counts-the-covered',
      rule: 'time with a quorum does not count as without',
      find: '(covered ? 0 : passedMs)',
      replace: 'passedMs',
    },
    {
      id: 'coverage-empty-window',
      rule: 'a window of no length says nothing bad',
      find: 'lengthMs <= 0 ? 100 : ',
      replace: '',
    },
  ]),
  ...mutantsOf(
    'lib/operations/observe/coverage-reporter.ts',
    [`${OBSERVE}/coverage-reporter`],
    [
      {
        id: 'coverage-told-by-one',
        rule: 'coverage is told once for the cluster',
        find: 'if (speaksForAll(this.zone, snapshot, wallMs)) {',
        replace: 'if (nowMs > 0) {',
      },
      {
        id: 'coverage-told-in-time',
        rule: 'coverage is told twice a minute, and not with each look',
        find: 'if (nowMs - this.window.startedAtMs < WINDOW_MS) return;',
        replace: '',
      },
      {
        id: 'coverage-window-anew',
        rule: 'each window is reckoned by itself',
        find: '    this.window = openWindow(nowMs);\n',
        replace: '',
      },
      {
        id: 'coverage-loss-is-told-once',
        rule: 'the loss of the quorum is told when it begins',
        find: 'if (covered !== this.covered) {',
        replace: 'if (!covered) {',
      },
    ],
  ),
  ...mutantsOf('lib/operations/observe/observer.ts', OBSERVER, [
    {
      id: 'observer-ends-with-its-life',
      rule: 'an observer ends before its function is killed',
      find: 'clock.sleep(endAtMs - startedMs, stop.signal)',
      replace: 'clock.sleep((endAtMs - startedMs) * 1e6, stop.signal)',
    },
    {
      id: 'observer-ends-relieved',
      rule: 'an observer that lost its lease ends',
      find: "keeping.then(() => 'relieved' as const),",
      replace: '',
    },
    {
      id: 'observer-ends-with-its-zone',
      rule: 'an observer ends when its zone has none by the topology',
      find: "parts.zoneRemoved().then(() => 'zone-removed' as const),",
      replace: '',
    },
    {
      id: 'observer-releases-no-lease-of-another',
      rule: 'who was relieved lets go of nothing',
      find: "if (ended !== 'relieved') await",
      replace: 'await',
      survives: 'a release takes no lease but its own (`keeper-releases-its-own`); this one saves the write',
    },
    {
      id: 'observer-releases',
      rule: 'the next challenger is let in at once',
      find: "if (ended !== 'relieved') await",
      replace: "if (ended === 'relieved') await",
    },
    {
      id: 'observer-stops-its-parts',
      rule: 'nothing of an observer goes on after its end',
      find: `    stop.abort();
    await windUp(deps, Promise.all([watching, keeping]));`,
      replace: '    await windUp(deps, Promise.all([watching, keeping]));',
    },
    {
      id: 'observer-closes-its-probes',
      rule: 'an observer that ended leaves no connection',
      find: '    parts.close();\n',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/observe/watch.ts', OBSERVER, [
    {
      id: 'watch-ends-with-its-zone',
      rule: 'a zone that is removed is told',
      find: 'if (!latest.topology.observers.includes(self.zone)) onRemoved();',
      replace: '',
    },
    {
      id: 'watch-news-of-a-well-node',
      rule: 'a probe that misses and closes its connection asks for no look at once',
      find: 'if (this.lookOut.lastSawWell(nodeId)) this.ticker.nudge();',
      replace: 'this.ticker.nudge();',
    },
    {
      id: 'watch-looks-at-once',
      rule: 'a connection that closes is looked at at once',
      find: 'if (this.lookOut.lastSawWell(nodeId)) this.ticker.nudge();',
      replace: '',
    },
  ]),
  ...mutantsOf('lib/operations/observe/observer-event.ts', PURE_PARTS, [
    {
      id: 'event-delay-within-its-minute',
      rule: 'a challenger begins before the next one is due',
      find: ' && given <= LONGEST_DELAY_MS',
      replace: '',
    },
    {
      id: 'event-lives-as-long-as-its-function',
      rule: 'no observer outlives its function',
      find: 'Math.min(wanted, longest)',
      replace: 'wanted',
    },
    {
      id: 'event-winds-up',
      rule: 'an observer has time to end what is under way',
      find: 'remainingMs - WIND_UP_RESERVE_MS',
      replace: 'remainingMs',
    },
  ]),
];
