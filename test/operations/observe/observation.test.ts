import fc from 'fast-check';
import type { Observation, Policy } from '../../../lib/domain/model';
import { essence, inherit, isUnsettled, observe, type LookContext } from '../../../lib/operations/observe/observation';
import { esl, look, NOW, policy, sip } from '../../support/cluster';

/** Whatever the cluster of the specifications has: here the numbers matter. */
const strict: Policy = { ...policy, suspectAfterMisses: 3, sipStuckAfterMisses: 4, missSlack: 0 };
const slack: Policy = { ...strict, missSlack: 2 };

const context: LookContext = {
  nodeId: 'fs-a',
  zone: 'us-east-1a',
  startedAtMs: NOW,
  endedAtMs: NOW + 400,
  blind: false,
  mutedWhy: null,
  jumped: false,
  database: null,
  policy: strict,
  codeVersion: 'v1',
  topologyVersion: 'v1',
};

const ESL = ['ok', 'paused', 'stopping', 'refused', 'silent', 'rejected', 'malformed'] as const;
const SIP = ['ok', 'busy', 'standby', 'refused', 'silent', 'malformed'] as const;
const MISSED = ['refused', 'silent', 'rejected', 'malformed'];

function run(verdicts: readonly (readonly [(typeof ESL)[number], (typeof SIP)[number]])[]): Observation | null {
  return verdicts.reduce<Observation | null>(
    (previous, [eslVerdict, sipVerdict], index) =>
      observe(
        previous,
        { esl: esl(eslVerdict, eslVerdict === 'ok' ? 'uuid-1' : null), sip: { main: sip(sipVerdict) } },
        { ...context, startedAtMs: NOW + index * 1_000, endedAtMs: NOW + index * 1_000 + 400 },
      ),
    null,
  );
}

const lastRun = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  items.length - (items.findLastIndex((item) => !holds(item)) + 1);

it('counts misses in a row, whatever the history', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...ESL), fc.constantFrom(...SIP)), { minLength: 1 }), (verdicts) => {
      const seen = run(verdicts);

      expect(seen?.eslMisses).toBe(lastRun(verdicts, ([verdict]) => MISSED.includes(verdict)));
      expect(seen?.sipMisses['main']).toBe(lastRun(verdicts, ([, verdict]) => MISSED.includes(verdict)));
      expect(seen?.sipStandbys['main']).toBe(lastRun(verdicts, ([, verdict]) => verdict === 'standby'));
    }),
  );
});

it('keeps the last 30 looks that tell something of the node as bits, whatever the others bring', () => {
  const looked = fc.record({
    eslVerdict: fc.constantFrom(...ESL),
    sipVerdict: fc.constantFrom(...SIP),
    sees: fc.constantFrom('the node', 'the node', 'the node', 'nothing', 'a jump of its clock'),
  });
  const bits = (missed: readonly boolean[]): number =>
    missed.slice(-30).reduce((history, miss) => history * 2 + (miss ? 1 : 0), 0);
  fc.assert(
    fc.property(fc.array(looked, { minLength: 1, maxLength: 80, size: 'max' }), (all) => {
      const seen = all.reduce<Observation | null>(
        (previous, { eslVerdict, sipVerdict, sees }) =>
          observe(
            previous,
            { esl: esl(eslVerdict), sip: { main: sip(sipVerdict) } },
            { ...context, blind: sees === 'nothing', jumped: sees === 'a jump of its clock' },
          ),
        null,
      );

      const telling = all.filter(({ sees }) => sees === 'the node');
      expect(seen?.eslHistory).toBe(bits(telling.map(({ eslVerdict }) => MISSED.includes(eslVerdict))));
      expect(seen?.sipHistory).toEqual({ main: bits(telling.map(({ sipVerdict }) => MISSED.includes(sipVerdict))) });
    }),
  );
});

describe('since when ESL is well', () => {
  const wellSince = (...verdicts: (typeof ESL)[number][]): number | null | undefined =>
    run(verdicts.map((verdict) => [verdict, 'ok'] as const))?.eslWellSinceMs;

  it.each([
    ['the first look', ['ok', 'paused', 'ok'], NOW],
    ['the same, whatever is lost on the way that makes nobody suspect it', ['ok', 'silent', 'malformed', 'ok'], NOW],
    ['the first answer after it was suspected', ['ok', 'silent', 'silent', 'silent', 'ok', 'silent'], NOW + 4_000],
    ['the first answer after it refused, which no loss does', ['ok', 'refused', 'ok', 'ok'], NOW + 2_000],
    ['the first answer after it rejected us', ['ok', 'rejected', 'ok'], NOW + 2_000],
    ['no time, while it is suspected', ['ok', 'silent', 'silent', 'silent'], null],
    ['no time, while it stops', ['ok', 'ok', 'stopping'], null],
    ['no time, while nobody found it well yet', ['silent'], null],
  ] satisfies [string, (typeof ESL)[number][], number | null][])('is %s', (_, verdicts, expected) => {
    expect(wellSince(...verdicts)).toBe(expected);
  });

  it('begins anew with another FreeSWITCH, also where nobody missed the one before', () => {
    const before = run([['ok', 'ok']]);

    const restarted = observe(before, { esl: esl('ok', 'uuid-2'), sip: {} }, { ...context, startedAtMs: NOW + 1_000 });

    expect(restarted.eslWellSinceMs).toBe(NOW + 1_000);
  });

  it('is not ended by looks that say nothing of the node', () => {
    const look = { esl: esl('silent'), sip: {} };
    const blind = [1, 2, 3, 4, 5].reduce<Observation | null>(
      (seen) => observe(seen, look, { ...context, blind: true }),
      run([['ok', 'ok']]),
    );

    expect(blind?.eslWellSinceMs).toBe(NOW);
  });
});

describe('a look that ended after its own deadline', () => {
  const before = run([
    ['silent', 'silent'],
    ['ok', 'ok'],
    ['silent', 'silent'],
  ]);
  const late = (eslVerdict: (typeof ESL)[number], sipVerdict: (typeof SIP)[number]): Observation =>
    observe(before, { esl: esl(eslVerdict), sip: { main: sip(sipVerdict) }, late: true }, context);

  it('counts no silence: the histories stand still', () => {
    expect(late('silent', 'silent')).toMatchObject({
      eslMisses: 0,
      eslMissingSinceMs: null,
      eslHistory: 0b101,
      sipMisses: { main: 0 },
      sipMissingSinceMs: { main: null },
      sipHistory: { main: 0b101 },
    });
  });

  it('counts what did arrive: an answer, a refusal, a standby', () => {
    expect(late('ok', 'silent')).toMatchObject({ eslHistory: 0b1010, sipHistory: { main: 0b101 } });
    expect(late('refused', 'standby')).toMatchObject({
      eslMisses: 2,
      eslHistory: 0b1011,
      sipHistory: { main: 0b1010 },
      sipStandbys: { main: 1 },
    });
  });
});

describe('since when it is out of service by its own word', () => {
  it.each([
    ['the first such look', ['ok', 'paused', 'stopping', 'paused'], NOW + 1_000],
    ['the same, whatever is lost on the way', ['paused', 'silent', 'malformed', 'paused'], NOW],
    ['no time, once it is back', ['paused', 'ok'], null],
    ['a new one, where it was back in between', ['paused', 'ok', 'paused'], NOW + 2_000],
    ['no time, where nothing but silence is known', ['silent'], null],
  ] satisfies [string, (typeof ESL)[number][], number | null][])('is %s', (_, verdicts, expected) => {
    expect(run(verdicts.map((verdict) => [verdict, 'busy'] as const))?.withdrawnSinceMs).toBe(expected);
  });

  it.each([
    ['the first look that tells of a shutdown that waits', [false, true, true], NOW + 1_000],
    ['no time, where the answer does not tell', [null, null], null],
    ['no time, once it is cancelled', [true, false], null],
  ])('is %s', (_, pending, expected) => {
    const seen = pending.reduce<Observation | null>(
      (previous, shutdownPending, index) =>
        observe(
          previous,
          { esl: { ...esl('ok', 'uuid-1'), shutdownPending }, sip: { main: sip('ok') } },
          { ...context, startedAtMs: NOW + index * 1_000 },
        ),
      null,
    );

    expect(seen?.withdrawnSinceMs).toBe(expected);
  });
});

describe('since when it is refused', () => {
  it.each([
    ['the end of the first such look', ['ok', 'refused', 'refused'], NOW + 1_400],
    ['the same, whatever is lost on the way', ['refused', 'silent', 'malformed', 'refused'], NOW + 400],
    ['the same, while nothing comes back', ['refused', 'silent'], NOW + 400],
    ['not since it was silent', ['silent', 'silent', 'refused'], NOW + 2_400],
    ['a new one, where it answered in between', ['refused', 'rejected', 'refused'], NOW + 2_400],
    ['no time, once it answers', ['refused', 'ok'], null],
    ['no time, where nothing but silence is known', ['silent'], null],
  ] satisfies [string, (typeof ESL)[number][], number | null][])('is %s', (_, verdicts, expected) => {
    expect(run(verdicts.map((verdict) => [verdict, 'ok'] as const))?.eslRefusedSinceMs).toBe(expected);
  });

  it('is known to the next observer, however long nobody looked', () => {
    const written = run([['refused', 'ok']]) ?? undefined;

    expect(inherit(written, NOW + 3_600_000, strict)).toMatchObject({ eslMisses: 0, eslRefusedSinceMs: NOW + 400 });
  });
});

it('says in words why it is no vote, and is muted exactly then', () => {
  const of = (mutedWhy: string | null): Observation =>
    observe(null, { esl: esl('ok'), sip: {} }, { ...context, mutedWhy });
  expect(of('cold start: look 1 of 2')).toMatchObject({ muted: true, mutedWhy: 'cold start: look 1 of 2' });
  expect(of(null)).toMatchObject({ muted: false, mutedWhy: null, mutedSinceMs: null });
  const first = of('cold start: look 1 of 2');
  const later = observe(first, { esl: esl('ok'), sip: {} }, { ...context, startedAtMs: 9e12, mutedWhy: 'blind' });
  expect([first.mutedSinceMs, later.mutedSinceMs]).toEqual([context.startedAtMs, context.startedAtMs]);
});

it('dates a series of misses from the end of its first look', () => {
  const seen = run([
    ['ok', 'ok'],
    ['silent', 'ok'],
    ['silent', 'silent'],
    ['refused', 'silent'],
  ]);

  expect(seen?.eslMissingSinceMs).toBe(NOW + 1_400);
  expect(seen?.sipMissingSinceMs['main']).toBe(NOW + 2_400);
});

it('keeps the core_uuid and the clock of a node that is dead', () => {
  const alive = observe(null, { esl: { ...esl('ok', 'uuid-1'), clockOffsetMs: -70 }, sip: {} }, context);

  const dead = observe(alive, { esl: esl('refused'), sip: {} }, context);

  expect(dead).toMatchObject({ coreUuid: 'uuid-1', lastClockOffsetMs: -70, esl: { clockOffsetMs: null } });
});

it.each(['blind', 'jumped'] as const)('a look while %s counts no misses and ends a series', (flag) => {
  const before = run([
    ['silent', 'silent'],
    ['silent', 'silent'],
  ]);

  const seen = observe(before, { esl: esl('silent'), sip: { main: sip('silent') } }, { ...context, [flag]: true });

  expect(seen).toMatchObject({
    eslMisses: 0,
    eslMissingSinceMs: null,
    sipMisses: { main: 0 },
    sipMissingSinceMs: { main: null },
    eslHistory: 0b11,
    sipHistory: { main: 0b11 },
  });
});

describe('what a new observer inherits', () => {
  const memory = { eslHistory: 0b101, sipHistory: { main: 0b11 }, eslWellSinceMs: NOW - 60_000 };

  it('fresh counters and histories of the one before it', () => {
    const written = look('fs-a', 'us-east-1a', 'silent', 'silent', { eslMisses: 2, ...memory });

    expect(inherit(written, NOW, policy)).toMatchObject({ eslMisses: 2, ...memory });
  });

  it('what it goes on with: k of n is counted across the hand-over', () => {
    const written = look('fs-a', 'us-east-1a', 'silent', 'silent', memory);

    const next = observe(inherit(written, NOW, policy), { esl: esl('silent'), sip: { main: sip('ok') } }, context);

    expect(next).toMatchObject({ eslHistory: 0b1011, sipHistory: { main: 0b110 } });
    expect(next.eslWellSinceMs).toBe(memory.eslWellSinceMs);
  });

  it.each([
    { blind: true },
    { muted: true },
    { observedAtMs: NOW - policy.freshForMs - 1 },
    { observedAtMs: NOW + 2_001 },
  ])('only the core_uuid of %o', (voteless) => {
    const inherited = inherit(look('fs-a', 'us-east-1a', 'silent', 'silent', { ...memory, ...voteless }), NOW, policy);

    expect(inherited).toMatchObject({ eslMisses: 0, eslMissingSinceMs: null, sipMisses: {}, coreUuid: 'uuid-fs-a' });
    expect(inherited).toMatchObject({ eslHistory: 0, sipHistory: {}, eslWellSinceMs: null });
  });

  it('nothing of nothing', () => {
    expect(inherit(undefined, NOW, policy)).toBeNull();
  });
});

describe('when to look again at once', () => {
  it.each([
    ['well', run([['ok', 'ok']]), false],
    ['one miss', run([['silent', 'silent']]), true],
    ['as many misses as a judgement needs', run(Array(4).fill(['silent', 'silent'])), false],
    ['SIP alone missed once', run([['ok', 'silent']]), true],
    ['a rejected password: asking faster does not mend it', run([['rejected', 'ok']]), false],
    ['a standby', run([['ok', 'standby']]), false],
  ])('%s: %p', (_, seen, expected) => {
    expect(seen !== null && isUnsettled(seen, strict)).toBe(expected);
  });

  const esls = (...verdicts: (typeof ESL)[number][]) => run(verdicts.map((verdict) => [verdict, 'ok'] as const));
  it.each([
    ['an answer after a miss', esls('silent', 'ok'), false],
    ['two misses with an answer between', esls('silent', 'ok', 'silent'), true],
    ['three misses of the last five, the newest among them', esls('silent', 'ok', 'silent', 'ok', 'silent'), false],
    ['three misses, one of them too long ago', esls('silent', 'ok', 'ok', 'silent', 'ok', 'silent'), true],
  ])('where two answers may lie among the misses, %s', (_, seen, expected) => {
    expect(seen !== null && isUnsettled(seen, slack)).toBe(expected);
  });

  it('not after a look that says nothing of the node, whatever its history', () => {
    const blind = observe(run([['silent', 'silent']]), { esl: esl('silent'), sip: {} }, { ...context, blind: true });

    expect(isUnsettled(blind, strict)).toBe(false);
  });
});

describe('what is worth a write', () => {
  const well = look('fs-a', 'us-east-1a', 'ok', 'ok');
  const same = (other: Observation): boolean => essence(well, slack) === essence(other, slack);

  it('not another latency, time or session count', () => {
    expect(same({ ...well, observedAtMs: NOW + 5, esl: { ...well.esl, latencyMs: 9, sessions: 4, detail: 'x' } })).toBe(
      true,
    );
  });

  it.each([
    { esl: esl('paused', 'uuid-fs-a') },
    { esl: { ...well.esl, clockOffsetMs: -policy.maxClockBehindMs - 1 } },
    { esl: { ...well.esl, clockOffsetMs: policy.maxClockBehindMs + 1 } },
    { esl: { ...well.esl, shutdownPending: true } },
    { coreUuid: 'uuid-2' },
    { blind: true },
    { muted: true },
    { eslHistory: 0b10101 },
    { sip: { main: sip('busy') } },
    { sipHistory: { main: 0b10101 } },
    { sipStandbys: { main: policy.standbyHolderAfterMisses } },
    { topologyVersion: 'v2' },
  ] satisfies Partial<Observation>[])('%o', (change) => {
    expect(same({ ...well, ...change })).toBe(false);
  });

  it.each([{ eslHistory: 0b10001 }, { eslHistory: 0b101010 }, { sipHistory: { main: 0b100001 } }])(
    'but not %o, which is on the same side of k of n',
    (change) => {
      expect(same({ ...well, ...change })).toBe(true);
    },
  );

  it('not that an answer did not tell of a shutdown', () => {
    expect(same({ ...well, esl: { ...well.esl, shutdownPending: null } })).toBe(true);
  });

  it('a SIP stack that is stuck, also where it was missed often enough for a death before', () => {
    const silent = (main: number): Observation => ({ ...well, sipHistory: { main } });
    expect(essence(silent(0b10101), slack)).not.toBe(essence(silent(0b110101), slack));
  });

  it('not another word for the same loss of the vote', () => {
    const muted = { ...well, muted: true, mutedWhy: 'cold start: look 1 of 2' };
    expect(essence({ ...muted, mutedWhy: 'cold start: look 2 of 2' }, policy)).toBe(essence(muted, policy));
  });
});
