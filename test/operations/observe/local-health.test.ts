import {
  afterLook,
  healthLimits,
  isCold,
  NEWBORN,
  whyLate,
  type LocalHealth,
  type OwnLook,
} from '../../../lib/operations/observe/local-health';
import { esl, sip } from '../../support/cluster';

const LIMITS = healthLimits({ probeIntervalMs: 1_000, probeTimeoutMs: 400, freshForMs: 12_000 });

/** A look of 10 ms that begins at `startedMs`; what is not said is as it should be. */
const lookAt = (startedMs: number, over: Partial<OwnLook> = {}): OwnLook => ({
  startedMs,
  endedMs: startedMs + 10,
  dueMs: startedMs + 900,
  blind: false,
  jump: null,
  ...over,
});

/** Why each of the looks is no vote, for an observer that begins with `health`. */
function whyMuted(looks: readonly OwnLook[], health: LocalHealth = NEWBORN): (string | null)[] {
  return looks.map((look) => {
    const after = afterLook(health, look, LIMITS);
    health = after.health;
    return after.mutedWhy;
  });
}

const WARM = [lookAt(-2_000), lookAt(-1_000)].reduce((health, look) => afterLook(health, look, LIMITS).health, NEWBORN);

describe('an observer that starts cold', () => {
  it('has a vote from its third look on, and says so until then', () => {
    expect(whyMuted([lookAt(0), lookAt(400), lookAt(800), lookAt(1_800)])).toEqual([
      'cold start: look 1 of 2',
      'cold start: look 2 of 2',
      null,
      null,
    ]);
  });

  it('counts only looks that ended in time', () => {
    const late = lookAt(0, { endedMs: 901 });
    expect(whyMuted([late, late, lookAt(2_000), lookAt(3_000), lookAt(4_000)])).toEqual([
      'cold start: look 1 of 2',
      'cold start: look 1 of 2',
      'cold start: look 1 of 2',
      'cold start: look 2 of 2',
      null,
    ]);
  });

  it('is cold no more once it had its looks, and one that ends late later does not make it so', () => {
    expect([isCold(NEWBORN), isCold(WARM)]).toEqual([true, false]);
    expect(whyMuted([lookAt(0, { endedMs: 901 }), lookAt(1_000)], WARM)).toEqual([null, null]);
  });
});

describe('an observer whose clock jumped', () => {
  it('has no vote for one window from the end of that look, and says why all the while', () => {
    const stood = 'this process stood still for 3000 ms';
    const looks = [lookAt(0, { jump: stood }), lookAt(6_000), lookAt(11_999), lookAt(12_000)];
    expect(whyMuted(looks, WARM)).toEqual([stood, stood, stood, null]);
  });

  it('begins a new window with each jump', () => {
    const looks = [lookAt(0, { jump: 'first' }), lookAt(11_000, { jump: 'second' }), lookAt(22_999), lookAt(23_000)];
    expect(whyMuted(looks, WARM)).toEqual(['first', 'second', 'second', null]);
  });
});

describe('an observer that saw nothing', () => {
  it('votes again when it has seen something for two looks and their deadlines', () => {
    const looks = [lookAt(0, { blind: true }), lookAt(1_000), lookAt(2_000), lookAt(3_799), lookAt(3_800)];
    expect(whyMuted(looks, WARM)).toEqual([
      'blind: neither a node nor a control target in another zone answers',
      'blind a moment ago: sees again for 0 of 2800 ms',
      'blind a moment ago: sees again for 1000 of 2800 ms',
      'blind a moment ago: sees again for 2799 of 2800 ms',
      null,
    ]);
  });

  it('begins anew when it is blind again in between', () => {
    const looks = [lookAt(0, { blind: true }), lookAt(1_000), lookAt(3_000, { blind: true }), lookAt(4_000)];
    expect(whyMuted(looks, WARM)[3]).toBe('blind a moment ago: sees again for 0 of 2800 ms');
  });

  it('says that it is blind before anything else, and stays muted for what else there is', () => {
    const looks = [lookAt(0, { blind: true, jump: 'it stood still' }), lookAt(1_000), lookAt(12_500)];
    const [blind, jumped, after] = whyMuted(looks, WARM);
    expect(blind).toContain('blind: ');
    expect([jumped, after]).toEqual(['it stood still', null]);
  });
});

it.each([
  ['hears all answers in a look that ended late, knows', 'ok', true, null],
  ['hears none in one that ended in time, knows', 'silent', false, null],
  ['hears none in one that ended late, does not', 'silent', true, expect.stringContaining('late: ')],
] as const)('an observer that %s', (_, verdict, late, why) => {
  expect(whyLate({ esl: esl('ok'), sip: { main: sip(verdict) }, late })).toEqual(why);
});
