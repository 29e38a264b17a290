/** What a run is made of: virtual time, its processes, and dice. */
import { mutantsOf, type Mutant } from '../mutant';

const SIMULATION = 'test/simulation';

const KERNEL = mutantsOf(
  'lib/simulation/kernel/kernel.ts',
  [`${SIMULATION}/kernel`],
  [
    {
      id: 'kernel-past-is-now',
      rule: 'what is past happens at once, and does not turn time back',
      find: 'Math.max(Math.ceil(atMs), this.now)',
      replace: 'Math.ceil(atMs)',
    },
    {
      id: 'kernel-whole-milliseconds',
      rule: 'nothing happens before it is due',
      find: 'Math.max(Math.ceil(atMs), this.now)',
      replace: 'Math.max(Math.floor(atMs), this.now)',
    },
    {
      id: 'kernel-order-within-an-instant',
      rule: 'within one instant what was asked for first happens first',
      find: ' || (one.atMs === other.atMs && one.order < other.order)',
      replace: '',
    },
    {
      id: 'kernel-order-of-time',
      rule: 'what is due earlier happens earlier',
      find: 'one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order)',
      replace: 'one.order < other.order',
    },
    {
      id: 'kernel-no-delay-into-the-past',
      rule: 'a delay that is over is none',
      find: 'this.at(this.now + Math.max(0, delayMs), action)',
      replace: 'this.at(delayMs, action)',
    },
    {
      id: 'kernel-date-after-a-skip',
      rule: 'a date counts what was skipped before',
      find: 'this.at(elapsedMs - this.skipped, action, true)',
      replace: 'this.at(elapsedMs, action, true)',
    },
    {
      id: 'kernel-date-is-one',
      rule: 'a date comes nearer when time is skipped',
      find: 'this.at(elapsedMs - this.skipped, action, true)',
      replace: 'this.at(elapsedMs - this.skipped, action)',
    },
    {
      id: 'kernel-cancelled',
      rule: 'what was cancelled does not happen',
      find: 'while (this.heap[0]?.cancelled === true) this.pop();',
      replace: '',
    },
    {
      id: 'kernel-next-date-alone',
      rule: 'what a process waits for is no date',
      find: 'if (entry.dated && !entry.cancelled &&',
      replace: 'if (!entry.cancelled &&',
    },
    {
      id: 'kernel-next-date-that-stands',
      rule: 'a date that was cancelled is none',
      find: 'if (entry.dated && !entry.cancelled &&',
      replace: 'if (entry.dated &&',
    },
    {
      id: 'kernel-next-date-of-all',
      rule: 'the next date is the earliest',
      find: '(next === null || entry.atMs < next)',
      replace: 'next === null',
    },
    {
      id: 'kernel-skipped-adds-up',
      rule: 'skips add up',
      find: 'this.skipped += byMs;',
      replace: 'this.skipped = byMs;',
    },
    {
      id: 'kernel-skip-of-dates-alone',
      rule: 'a skip leaves the rhythm of processes alone',
      find: 'if (entry.dated) entry.atMs -= byMs;',
      replace: 'entry.atMs -= byMs;',
    },
    {
      id: 'kernel-skip-in-order',
      rule: 'after a skip what is due first happens first',
      find: '    this.rebuild();\n',
      replace: '',
    },
    {
      id: 'kernel-skip-is-told',
      rule: 'who keeps times of the past hears of a skip',
      find: '    for (const listener of this.skipListeners) listener(byMs);\n',
      replace: '',
    },
    {
      id: 'kernel-until-then',
      rule: 'a run lives no longer than it was told to',
      find: 'first === undefined || first.atMs > untilMs',
      replace: 'first === undefined',
    },
    {
      id: 'kernel-until-then-and-no-less',
      rule: 'and what is due at its end happens',
      find: 'first.atMs > untilMs) break;',
      replace: 'first.atMs >= untilMs) break;',
    },
    {
      id: 'kernel-to-the-end',
      rule: 'a run in which nothing happens has lasted as long as it was to',
      find: '    if (!done() && Number.isFinite(untilMs)) this.now = Math.max(this.now, untilMs);\n',
      replace: '',
    },
    {
      id: 'kernel-to-where-it-ended',
      rule: 'a run that was ended is over when it was',
      find: 'if (!done() && Number.isFinite(untilMs)) this.now',
      replace: 'if (Number.isFinite(untilMs)) this.now',
    },
    {
      id: 'kernel-to-no-infinity',
      rule: 'a run without an end is over when nothing is left to do',
      find: 'if (!done() && Number.isFinite(untilMs)) this.now',
      replace: 'if (!done()) this.now',
    },
    {
      id: 'kernel-told-to-end',
      rule: 'a run ends when it is told to',
      find: '    while (!done()) {\n',
      replace: '    for (;;) {\n',
    },
    {
      id: 'kernel-begins-with-what-is-ready',
      rule: 'what can run before the first instant does',
      find: '    await settle(this.instants);\n    while',
      replace: '    while',
    },
    {
      id: 'kernel-settles',
      rule: 'everything that can run does before the next instant',
      find: '      await settle(this.instants);\n      after();',
      replace: '      after();',
    },
    {
      id: 'kernel-looked-at',
      rule: 'every instant that has settled is looked at',
      find: '      await settle(this.instants);\n      after();',
      replace: '      await settle(this.instants);',
    },
    {
      id: 'kernel-one-instant',
      rule: 'all that is due in one instant happens in that',
      find: 'next !== undefined && next.atMs <= this.now;',
      replace: 'next === first;',
    },
  ],
);

const PROCESS = mutantsOf(
  'lib/simulation/kernel/process.ts',
  [`${SIMULATION}/process`],
  [
    {
      id: 'process-dead-sleeps-for-good',
      rule: 'who is dead does not wake from what it begins',
      find: '    if (this.dead) return never();\n    if (signal?.aborted',
      replace: '    if (signal?.aborted',
    },
    {
      id: 'process-no-sleep-once-aborted',
      rule: 'who was told to stop before does not sleep',
      find: '    if (signal?.aborted === true) return Promise.resolve();\n',
      replace: '',
    },
    {
      id: 'process-woken-by-an-abort',
      rule: 'an abort wakes',
      find: "      signal?.addEventListener('abort', onAbort, { once: true });\n",
      replace: '',
    },
    {
      id: 'process-dead-asks-nothing',
      rule: 'who is dead sends nothing any more',
      find: '    if (this.dead) return never();\n    return new Promise((resolve, reject) => {\n      this.kernel',
      replace: '    return new Promise((resolve, reject) => {\n      this.kernel',
    },
    {
      id: 'process-error-of-the-outside',
      rule: 'the error of what it asked for is its own',
      find: 'settle = () => reject(asError(error));',
      replace: 'throw error;',
    },
    {
      id: 'process-answer-takes-its-way',
      rule: 'an answer takes its way back',
      find: 'if (!this.dead) this.wake(backMs, settle);\n      });\n    });\n  }\n\n  /** What another',
      replace: 'if (!this.dead) this.wake(0, settle);\n      });\n    });\n  }\n\n  /** What another',
    },
    {
      id: 'process-dead-hears-no-other',
      rule: 'who is dead hears nothing of another process',
      find: '        if (!this.dead) this.wake(backMs, settle);\n      };',
      replace: '        this.wake(backMs, settle);\n      };',
    },
    {
      id: 'process-error-of-another',
      rule: 'the error of another process comes to who asked',
      find: '(error: unknown) => arrive(() => reject(asError(error))),',
      replace: '() => undefined,',
    },
    {
      id: 'process-dies-once',
      rule: 'who dies dies once',
      find: '    if (this.dead) return;\n    this.dead = true;',
      replace: '    this.dead = true;',
    },
    {
      id: 'process-death-is-told',
      rule: 'a death is told',
      find: '    for (const listener of this.deathListeners) listener();\n',
      replace: '',
    },
    {
      id: 'process-freeze-of-the-longest',
      rule: 'a short freeze does not end a long one',
      find: 'Math.max(this.frozenUntilMs, this.kernel.nowMs + ms)',
      replace: 'this.kernel.nowMs + ms',
    },
    {
      id: 'process-long-sleeps-alone',
      rule: 'only what sleeps for long is shifted',
      find: '      if (entry.atMs - this.kernel.nowMs <= horizonMs) continue;\n',
      replace: '',
    },
    {
      id: 'process-shifted-by',
      rule: 'and by as much as was asked for',
      find: 'this.wake(entry.atMs - this.kernel.nowMs + byMs, entry.action);',
      replace: 'this.wake(entry.atMs - this.kernel.nowMs, entry.action);',
    },
    {
      id: 'process-shifted-once',
      rule: 'what is shifted happens once',
      find: '<= horizonMs) continue;\n      this.kernel.cancel(entry);\n',
      replace: '<= horizonMs) continue;\n',
    },
    {
      id: 'process-late-once',
      rule: 'what is late after a freeze happens once',
      find: 'this.frozenUntilMs) continue;\n      this.kernel.cancel(entry);\n',
      replace: 'this.frozenUntilMs) continue;\n',
    },
  ],
);

const RANDOM = mutantsOf(
  'lib/simulation/kernel/random.ts',
  [`${SIMULATION}/random`],
  [
    {
      id: 'dice-by-the-seed',
      rule: 'another seed draws something else',
      find: '0x811c9dc5 ^ (seed >>> 0)',
      replace: '0x811c9dc5',
    },
    {
      id: 'dice-by-the-name',
      rule: 'another name draws something else',
      find: 'Math.imul(hash ^ name.charCodeAt(index), 0x01000193)',
      replace: 'Math.imul(hash, 0x01000193)',
    },
    {
      id: 'dice-to-the-bit',
      rule: 'a seed draws the same on any machine, today and tomorrow',
      find: '(this.b >>> 9)',
      replace: '(this.b >>> 8)',
    },
    {
      id: 'dice-fork-by-its-parent',
      rule: 'forks of the same name differ by whose they are',
      find: 'new Dice(this.seed, `${this.name}/${name}`)',
      replace: 'new Dice(this.seed, name)',
    },
    {
      id: 'dice-fork-leaves-its-parent',
      rule: 'a fork takes nothing from its parent',
      find: 'return new Dice(this.seed, `${this.name}/${name}`)',
      replace: 'return new Dice(this.next() * 1e9, `${this.name}/${name}`)',
    },
    {
      id: 'dice-ids-once',
      rule: 'no id is given twice',
      find: 'this.ids += 1;',
      replace: 'this.ids = 1;',
    },
    {
      id: 'dice-between-from',
      rule: 'a draw is not below its range',
      find: 'return from + (to - from) * this.next();',
      replace: 'return to * this.next();',
    },
    {
      id: 'dice-between-to',
      rule: 'a draw is not above its range',
      find: 'return from + (to - from) * this.next();',
      replace: 'return from + to * this.next();',
    },
    {
      id: 'dice-below',
      rule: 'a whole number is below its limit',
      find: 'Math.floor(this.next() * below)',
      replace: 'Math.ceil(this.next() * below)',
    },
    {
      id: 'dice-chance',
      rule: 'what is likely happens often',
      find: 'return this.next() < probability;',
      replace: 'return this.next() > probability;',
    },
    {
      id: 'dice-no-chance',
      rule: 'what is impossible does not happen, and what is certain does',
      find: 'return this.next() < probability;',
      replace: 'return this.next() <= 0.5;',
    },
    {
      id: 'dice-exponential-of-no-zero',
      rule: 'no wait is endless',
      find: '-Math.log(1 - this.next()) * mean',
      replace: '-Math.log(this.next()) * mean',
    },
    {
      id: 'dice-nothing-to-pick',
      rule: 'nothing is picked from nothing',
      find: '    if (picked === undefined) throw new Error(`${this.name}: nothing to pick from`);\n',
      replace: '',
    },
    {
      id: 'dice-weightless',
      rule: 'what weighs nothing is not picked',
      find: '      if (left < 0) return item;\n',
      replace: '      if (left <= 0 || item === items[0]?.[0]) return item;\n',
    },
    {
      id: 'dice-by-weight',
      rule: 'what weighs more is picked more often',
      find: '      left -= weight;\n',
      replace: '      left -= weight > 0 ? 2 : 0;\n',
    },
  ],
);

export const KERNEL_PARTS: Mutant[] = [...KERNEL, ...PROCESS, ...RANDOM];
