import fc from 'fast-check';
import type { Observation } from '../../../lib/domain/model';
import { essence, inherit, isUnsettled, observe, type LookContext } from '../../../lib/operations/observe/observation';
import { esl, look, NOW, policy, sip } from '../../support/cluster';

const context: LookContext = {
  nodeId: 'fs-a',
  zone: 'us-east-1a',
  startedAtMs: NOW,
  endedAtMs: NOW + 400,
  blind: false,
  muted: false,
  jumped: false,
  database: null,
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

it('keeps the core_uuid of a node that is dead', () => {
  expect(
    run([
      ['ok', 'ok'],
      ['refused', 'silent'],
    ])?.coreUuid,
  ).toBe('uuid-1');
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
  });
});

describe('what a new observer inherits', () => {
  it('fresh counters of the one before it', () => {
    const written = look('fs-a', 'us-east-1a', 'silent', 'silent', { eslMisses: 2 });

    expect(inherit(written, NOW, policy)?.eslMisses).toBe(2);
  });

  it.each([{ blind: true }, { muted: true }, { observedAtMs: NOW - policy.freshForMs - 1 }])(
    'only the core_uuid of %o',
    (voteless) => {
      const inherited = inherit(look('fs-a', 'us-east-1a', 'silent', 'silent', voteless), NOW, policy);

      expect(inherited).toMatchObject({ eslMisses: 0, eslMissingSinceMs: null, sipMisses: {}, coreUuid: 'uuid-fs-a' });
    },
  );

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
    expect(seen !== null && isUnsettled(seen, policy)).toBe(expected);
  });
});

describe('what is worth a write', () => {
  const well = look('fs-a', 'us-east-1a', 'ok', 'ok');
  const same = (other: Observation): boolean => essence(well, policy) === essence(other, policy);

  it('not another latency, time or session count', () => {
    expect(same({ ...well, observedAtMs: NOW + 5, esl: { ...well.esl, latencyMs: 9, sessions: 4, detail: 'x' } })).toBe(
      true,
    );
  });

  it.each([
    { esl: esl('paused', 'uuid-fs-a') },
    { coreUuid: 'uuid-2' },
    { blind: true },
    { muted: true },
    { eslMisses: policy.suspectAfterMisses },
    { sip: { main: sip('busy') } },
    { sipMisses: { main: policy.sipStuckAfterMisses } },
    { sipStandbys: { main: policy.standbyHolderAfterMisses } },
    { topologyVersion: 'v2' },
  ] satisfies Partial<Observation>[])('%o', (change) => {
    expect(same({ ...well, ...change })).toBe(false);
  });
});
