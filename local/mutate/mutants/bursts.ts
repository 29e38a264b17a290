/** Bursts of loss, and the time that may be skipped between them. */
import { mutantsOf, type Mutant } from '../mutant';

const SIMULATION = 'test/simulation';

const BURSTS = mutantsOf(
  'lib/simulation/world/bursts.ts',
  [`${SIMULATION}/bursts`],
  [
    {
      id: 'bursts-before-they-begin',
      rule: 'nothing is lost before a burst begins',
      find: 'if (burst === undefined || atMs < burst.fromMs) return null;',
      replace: 'if (burst === undefined) return null;',
    },
    {
      id: 'bursts-until-they-end',
      rule: 'nothing is lost after a burst has ended',
      find: 'if (atMs < burst.toMs) return burst.takes;',
      replace: 'if (atMs < burst.toMs + 200) return burst.takes;',
    },
    {
      id: 'bursts-take-datagrams',
      rule: 'some bursts take datagrams alone',
      find: "this.dice.chance(this.datagramsAlone) ? 'datagrams' : 'all'",
      replace: "this.dice.chance(this.datagramsAlone) ? 'all' : 'all'",
    },
    {
      id: 'bursts-of-a-zone-take-all',
      rule: 'a zone that is deaf hears no connection either',
      find: "return this.zoneIsDeaf(zone, atMs) ? 'all' : onPath;",
      replace: "return onPath ?? (this.zoneIsDeaf(zone, atMs) ? 'datagrams' : null);",
    },
    {
      id: 'bursts-of-whole-zones',
      rule: 'whole zones lose, too',
      find: "return this.zoneIsDeaf(zone, atMs) ? 'all' : onPath;",
      replace: 'return onPath;',
    },
    {
      id: 'bursts-that-are-over-are-forgotten',
      rule: 'what is forgotten is over',
      find: 'this.bursts.splice(0, this.first);',
      replace: 'this.bursts.splice(0, this.first + 1);',
    },
    {
      id: 'bursts-that-are-left',
      rule: 'what is not over is found after something was forgotten',
      find: '    this.bursts.splice(0, this.first);\n    this.first = 0;',
      replace: '    this.bursts.splice(0, this.first);',
    },
    {
      id: 'bursts-take-their-share',
      rule: 'gaps are as long as the share leaves them',
      find: '(this.meanBurstMs * (1 - this.share)) / this.share',
      replace: 'this.meanBurstMs / (2 * this.share)',
    },
    {
      id: 'bursts-share-of-both',
      rule: 'half of the loss is of paths, and half of zones',
      find: 'share / 2, meanBurstMs, datagramsAlone',
      replace: 'share, meanBurstMs, datagramsAlone',
    },
    {
      id: 'bursts-of-their-own',
      rule: 'each path has bursts of its own',
      find: 'this.dice.fork(key), share / 2',
      replace: "this.dice.fork(''), share / 2",
    },
    {
      id: 'bursts-within',
      rule: 'bursts that begin after a time do not touch it',
      find: '      if (burst.fromMs >= toMs) break;\n',
      replace: '',
    },
    {
      id: 'bursts-that-began-before',
      rule: 'a burst that began before and goes on touches it',
      find: 'if ((this.bursts[middle] as Burst).toMs > atMs) high = middle;',
      replace: 'if ((this.bursts[middle] as Burst).fromMs > atMs) high = middle;',
    },
    {
      id: 'consequence-of-no-loss',
      rule: 'a network without loss has no consequence',
      find: '    if (this.loss.share <= 0) return horizonMs;\n',
      replace: '    if (this.loss.share <= 0) return fromMs;\n',
    },
    {
      id: 'consequence-of-the-same-needs',
      rule: 'what was found for other needs says nothing',
      find: 'last !== undefined && last.needs === key &&',
      replace: 'last !== undefined &&',
    },
    {
      id: 'consequence-of-what-was-searched',
      rule: 'what was found from later on says nothing of before',
      find: ' && fromMs >= last.fromMs && fromMs <= last.untilMs;',
      replace: ' && fromMs <= last.untilMs;',
    },
    {
      id: 'consequence-after-the-last-one',
      rule: 'a consequence that is over is not the next one',
      find: ' && fromMs >= last.fromMs && fromMs <= last.untilMs;',
      replace: ' && fromMs >= last.fromMs;',
    },
    {
      id: 'consequence-beyond-what-was-searched',
      rule: 'where nothing was found it is looked further',
      find: 'if (covers && (last.foundMs !== null || horizonMs <= last.untilMs))',
      replace: 'if (covers)',
    },
    {
      id: 'consequence-before-the-horizon',
      rule: 'a consequence beyond the horizon is none before it',
      find: 'return Math.min(horizonMs, last.foundMs ?? horizonMs);',
      replace: 'return last.foundMs ?? horizonMs;',
    },
    {
      id: 'consequence-across-blocks',
      rule: 'a meeting at the end of a block is found',
      find: 'Math.min(blockMs + BLOCK_MS + reachMs, horizonMs + reachMs)',
      replace: 'Math.min(blockMs + BLOCK_MS - 120_000, horizonMs + reachMs)',
    },
    {
      id: 'consequence-of-the-next-block',
      rule: 'it is looked on from block to block',
      find: 'blockMs < horizonMs; blockMs += BLOCK_MS',
      replace: 'blockMs < fromMs + BLOCK_MS; blockMs += BLOCK_MS',
    },
    {
      id: 'consequence-not-before-it-was-asked',
      rule: 'a consequence that has begun is one now',
      find: 'return Math.max(fromMs, first);',
      replace: 'return first;',
    },
    {
      id: 'consequence-of-any-meeting',
      rule: 'what is long enough for any of the meetings counts',
      find: 'Math.min(...meetings.map((meeting) => meeting.leastMs))',
      replace: 'Math.max(...meetings.map((meeting) => meeting.leastMs))',
    },
    {
      id: 'consequence-of-deaf-zones',
      rule: 'a zone that is deaf has lost the node, too',
      find: 'const whole = this.zone(zone).within(fromMs, toMs);',
      replace: 'const whole = this.zone(zone).within(fromMs, fromMs);',
    },
    {
      id: 'consequence-of-joined-bursts',
      rule: 'bursts that no look falls between are one',
      find: 'burst.fromMs - joined.toMs < joinedWithinMs',
      replace: 'burst.fromMs - joined.toMs < 0',
    },
    {
      id: 'consequence-of-a-burst-within',
      rule: 'a burst within a longer one does not end it',
      find: 'joined.toMs = Math.max(joined.toMs, burst.toMs);',
      replace: 'joined.toMs = burst.toMs;',
    },
    {
      id: 'consequence-of-the-last-burst',
      rule: 'the last burst counts, too',
      find: '    if (joined !== null && joined.toMs - joined.fromMs >= leastMs) long.push(joined);\n    return long;',
      replace: '    return long;',
    },
    {
      id: 'consequence-in-order',
      rule: 'bursts of several zones meet in the order of time',
      find: '      bursts.sort((one, other) => one.fromMs - other.fromMs);\n',
      replace: '',
    },
    {
      id: 'consequence-of-zones-together',
      rule: 'bursts that are far apart do not meet',
      find: '      if (other.fromMs > reachMs) break;\n',
      replace: '',
    },
    {
      id: 'consequence-that-is-not-over',
      rule: 'votes count together for a moment after a burst',
      find: 'let reachMs = burst.toMs + togetherWithinMs;',
      replace: 'let reachMs = burst.toMs;',
    },
    {
      id: 'consequence-of-so-many-zones',
      rule: 'two bursts of one zone are no meeting',
      find: 'met.add(other.zone);',
      replace: 'met.add(`${other.zone} ${next}`);',
    },
    {
      id: 'consequence-of-long-bursts',
      rule: 'a burst that is too short takes no part',
      find: 'bursts.filter((burst) => burst.toMs - burst.fromMs >= leastMs)',
      replace: 'bursts.filter((burst) => burst.toMs - burst.fromMs >= 0 * leastMs)',
    },
  ],
);

export const BURST_LOSS: Mutant[] = [...BURSTS];
