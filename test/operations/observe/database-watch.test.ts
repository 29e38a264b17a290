import type { DatabaseEvidence } from '../../../lib/domain/model';
import { DatabaseWatch } from '../../../lib/operations/observe/database-watch';
import { VirtualClock } from '../../support/virtual-clock';

const OK: DatabaseEvidence = { verdict: 'ok', detail: 'answered in 2 ms', latencyMs: 2 };
const AWAY: DatabaseEvidence = { verdict: 'away', detail: 'refused', latencyMs: null };

/** A database that answers each question when it is told to. */
class Stage {
  readonly clock = new VirtualClock();
  readonly counted: string[] = [];
  asked = 0;
  private answers: ((evidence: DatabaseEvidence | Error) => void) | null = null;
  readonly watch: DatabaseWatch;

  /** @param written what the observer before in its zone wrote, so long ago */
  constructor(written?: { database: DatabaseEvidence | null; agoMs: number }) {
    this.watch = new DatabaseWatch(
      {
        clock: this.clock,
        metrics: { count: (name) => this.counted.push(name), durationMs: () => undefined },
        askDatabase: () => {
          this.asked += 1;
          return new Promise((resolve, reject) => {
            this.answers = (evidence) => (evidence instanceof Error ? reject(evidence) : resolve(evidence));
          });
        },
      },
      written && { database: written.database, observedAtMs: this.clock.wallMs() - written.agoMs },
    );
  }

  get verdict(): string | null {
    return this.watch.evidence()?.verdict ?? null;
  }

  async answer(evidence: DatabaseEvidence | Error): Promise<void> {
    this.answers?.(evidence);
    await this.clock.advance(0);
  }

  /** @param others what other zones wrote, and how long ago */
  async sees(evidence: DatabaseEvidence | Error, ...others: { database: DatabaseEvidence | null; agoMs: number }[]) {
    this.watch.ask();
    const nowMs = this.clock.wallMs();
    this.watch.hear(others.map(({ database, agoMs }) => ({ database, observedAtMs: nowMs - agoMs })));
    await this.answer(evidence);
  }

  /** Asked each second: well just before it, then from the first to the last of it. */
  async seesTrouble(forS: number): Promise<void> {
    await this.sees(OK);
    await this.sees(AWAY);
    for (let second = 0; second < forS; second += 1) {
      await this.clock.advance(1_000);
      await this.sees(AWAY);
    }
  }
}

describe('what a zone sees of the database', () => {
  it('is nothing without one, and before its first answer', () => {
    const stage = new Stage();
    const without = new DatabaseWatch({ clock: stage.clock, metrics: { count: jest.fn(), durationMs: jest.fn() } });
    without.ask();
    stage.watch.ask();
    expect([without.evidence(), stage.watch.evidence()]).toEqual([null, null]);
  });

  it('is its last answer, also while the next question is under way', async () => {
    const stage = new Stage();
    await stage.sees(OK);
    stage.watch.ask();
    await stage.clock.advance(400);
    expect(stage.watch.evidence()).toEqual(OK);
  });

  it('is that it hangs, before its question ends, and it is not asked again beside that', async () => {
    const stage = new Stage();
    await stage.sees(OK);
    stage.watch.ask();
    await stage.clock.advance(500);
    stage.watch.ask();
    expect(stage.watch.evidence()).toMatchObject({ verdict: 'slow', detail: 'no answer to `select 1` for 500 ms' });
    expect(stage.asked).toBe(2);
  });

  it('is that it is away where the question failed by itself, and it is asked again', async () => {
    const stage = new Stage();
    await stage.sees(new Error('a bug'));
    expect(stage.verdict).toBe('away');
    await stage.sees(AWAY);
    expect(stage.asked).toBe(2);
    expect(stage.counted).toEqual(['DatabaseAway', 'DatabaseAway']);
  });

  it('is that it was in trouble, for 30 s after it answers again: SIP stays silent for as long', async () => {
    const stage = new Stage();
    await stage.seesTrouble(0);
    expect(stage.verdict).toBe('away');
    await stage.sees(OK);
    expect(stage.watch.evidence()).toMatchObject({ verdict: 'slow', latencyMs: 2 });
    await stage.clock.advance(29_999);
    expect(stage.verdict).toBe('slow');
    await stage.clock.advance(1);
    expect(stage.verdict).toBe('ok');
  });

  it.each([
    [20, 30],
    [60, 65],
    [300, 125],
  ])(
    'is trouble of %i s for %i s after it: TCP waits about as long again, and two minutes at most',
    async (s, waitsS) => {
      const stage = new Stage();
      await stage.seesTrouble(s);
      await stage.sees(OK);
      await stage.clock.advance(waitsS * 1_000 - 1);
      expect(stage.verdict).toBe('slow');
      await stage.clock.advance(1);
      expect(stage.verdict).toBe('ok');
    },
  );

  it('is a trouble of its own when the one before is over', async () => {
    const stage = new Stage();
    await stage.seesTrouble(60);
    await stage.sees(OK);
    await stage.clock.advance(65_000);
    await stage.seesTrouble(1);
    await stage.sees(OK);
    await stage.clock.advance(30_000);
    expect(stage.verdict).toBe('ok');
  });

  it.each([
    ['has just come', 125, async () => undefined],
    [
      'stood still for a minute',
      65,
      async (stage: Stage) => {
        await stage.sees(OK);
        await stage.clock.advance(60_000);
      },
    ],
  ])('may have lasted since nobody asked: by an observer that %s for %i s after it', async (_words, waitsS, before) => {
    const stage = new Stage();
    await before(stage);
    await stage.sees(AWAY);

    await stage.sees(OK);

    await stage.clock.advance(waitsS * 1_000 - 1);
    expect(stage.verdict).toBe('slow');
    await stage.clock.advance(1);
    expect(stage.verdict).toBe('ok');
  });

  const WRITTEN: [string, DatabaseEvidence | null, number, string][] = [
    ['away a moment ago', AWAY, 1_000, 'slow'],
    ['in trouble, as answers came again', { ...OK, verdict: 'slow' }, 29_000, 'slow'],
    ['away, by a clock that is ahead', AWAY, -60_000, 'slow'],
    ['away two minutes ago', AWAY, 124_999, 'slow'],
    ['well', OK, 1_000, 'ok'],
    ['not yet', null, 1_000, 'ok'],
  ];

  it.each([...WRITTEN, ['away an hour ago, and nobody asked since', AWAY, 3_600_000, 'slow']] as typeof WRITTEN)(
    'is what the one before it in its zone saw, which saw it %s',
    async (_words, database, agoMs, is) => {
      const stage = new Stage({ database, agoMs });
      expect(stage.watch.evidence()).toBeNull();

      await stage.sees(OK);

      expect(stage.verdict).toBe(is);
      await stage.clock.advance(125_000);
      expect(stage.verdict).toBe('ok');
    },
  );

  it.each([...WRITTEN, ['away before that', AWAY, 125_000, 'ok']] as typeof WRITTEN)(
    'is what other zones saw while nobody asked from this one: %s',
    async (_words, database, agoMs, is) => {
      const stage = new Stage();

      await stage.sees(OK, { database, agoMs });

      expect(stage.verdict).toBe(is);
      await stage.clock.advance(125_000);
      expect(stage.verdict).toBe('ok');
    },
  );

  const nowMs = new VirtualClock().wallMs();
  /** Trouble of 20 s that was last seen so long ago, and of which a look as long ago tells. */
  const goneSince = (agoMs: number) => ({
    database: { ...AWAY, trouble: { sinceMs: nowMs - agoMs - 20_000, atMs: nowMs - agoMs } },
    agoMs,
  });

  it.each([
    [
      'stood still',
      async () => {
        const stage = new Stage();
        await stage.seesTrouble(20);
        await stage.clock.advance(60_000);
        return stage;
      },
    ],
    ['took over from one that was gone', () => new Stage(goneSince(60_000))],
  ])('has lasted until its first good answer, as far as one knows that %s for a minute', async (_words, make) => {
    const stage = await make();

    await stage.sees(OK);

    expect(stage.watch.evidence()?.detail).toBe('answers again, and did not 0 s ago');
    await stage.clock.advance(85_000 - 1);
    expect(stage.verdict).toBe('slow');
    await stage.clock.advance(1);
    expect(stage.verdict).toBe('ok');
  });

  it('is one and the same where it was seen before a gap and after it', async () => {
    const stage = new Stage();
    await stage.seesTrouble(20);
    await stage.clock.advance(60_000);

    await stage.sees(AWAY);

    const { trouble } = stage.watch.evidence() ?? {};
    expect((trouble?.atMs ?? 0) - (trouble?.sinceMs ?? 0)).toBe(80_000);
  });

  it('had ended where the one before it had good answers again', async () => {
    const { database } = goneSince(5_001);
    const stage = new Stage({ database, agoMs: 0 });

    await stage.sees(OK);

    expect(stage.watch.evidence()?.detail).toBe('answers again, and did not 5 s ago');
  });

  it.each([
    ['took over from one that found it well', () => new Stage({ database: OK, agoMs: 15_000 })],
    [
      'found it well itself a moment ago',
      async () => {
        const stage = new Stage();
        await stage.sees(OK);
        await stage.clock.advance(15_000);
        return stage;
      },
    ],
  ])('is not what another zone alone does not reach: by one that %s', async (_words, make) => {
    const stage = await make();
    await stage.sees(OK, { database: AWAY, agoMs: 0 });
    expect(stage.verdict).toBe('ok');
  });

  it.each([
    ['the one before it wrote nothing for longer', () => new Stage({ database: OK, agoMs: 15_001 })],
    ['the one before it had not asked', () => new Stage({ database: null, agoMs: 1_000 })],
    [
      'it stood still for longer',
      async () => {
        const stage = new Stage();
        await stage.sees(OK);
        await stage.clock.advance(15_001);
        return stage;
      },
    ],
  ])('is what others saw where %s', async (_words, make) => {
    const stage = await make();
    await stage.sees(OK, { database: AWAY, agoMs: 0 });
    expect(stage.verdict).toBe('slow');
  });

  it('is heard of from others until their newest looks were read', async () => {
    const stage = new Stage();
    await stage.sees(OK);
    await stage.clock.advance(10_000);
    stage.watch.hear([{ database: AWAY, observedAtMs: stage.clock.wallMs() }]);
    expect(stage.verdict).toBe('slow');

    const late = new Stage();
    await late.sees(OK);
    await late.clock.advance(10_001);
    late.watch.hear([{ database: AWAY, observedAtMs: late.clock.wallMs() }]);
    expect(late.verdict).toBe('ok');
  });

  it('is the last trouble of all that others saw', async () => {
    const stage = new Stage();

    await stage.sees(OK, ...[60_000, 10_000, 30_000].map((agoMs) => ({ database: AWAY, agoMs })));

    expect(stage.watch.evidence()?.detail).toBe('answers again, and did not 10 s ago');
  });

  it('is over for those who hear of it when it is over for those who saw it, however often it is passed on', async () => {
    const stage = new Stage();
    await stage.seesTrouble(60);
    await stage.sees(OK);
    await stage.clock.advance(20_000);
    const others = new Stage();
    await others.clock.advance(stage.clock.monotonicMs());

    await others.sees(OK, { database: stage.watch.evidence(), agoMs: 0 });

    expect(others.watch.evidence()).toEqual(stage.watch.evidence());
    await others.clock.advance(45_000 - 1);
    expect(others.verdict).toBe('slow');
    await others.clock.advance(1);
    expect(others.verdict).toBe('ok');
  });

  it('has been in trouble for as long as it hangs, before it is known to be away', async () => {
    const stage = new Stage();
    await stage.sees(OK);
    stage.watch.ask();
    await stage.clock.advance(600);

    const nowMs = stage.clock.wallMs();
    expect(stage.watch.evidence()?.trouble).toEqual({ sinceMs: nowMs - 600, atMs: nowMs });
  });

  it('is nothing bad where it answers well all the time', async () => {
    const stage = new Stage();
    await stage.sees(OK);
    await stage.sees(OK);
    expect(stage.verdict).toBe('ok');
    expect(stage.counted).toEqual([]);
  });
});
