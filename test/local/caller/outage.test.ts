import fc from 'fast-check';
import { type CallRecord, STABLE_ANSWERS, summarize } from '../../../local/caller/outage';

const EVERY_MS = 50;
const LATENCY_MS = 2;
const OLD = '127.64.0.20';
const NEW = '127.64.1.20';

/** One letter a question, twenty a second: `o` served by the old node, `n` by the new, `x` 503, `.` lost, `?` open. */
function log(picture: string): CallRecord[] {
  return [...picture].map((letter, index) => {
    const sentAtMs = index * EVERY_MS;
    const answered = { sentAtMs, answeredAtMs: sentAtMs + LATENCY_MS };
    switch (letter) {
      case 'o':
        return { ...answered, outcome: 'served', status: 200, answeredBy: OLD };
      case 'n':
        return { ...answered, outcome: 'served', status: 200, answeredBy: NEW };
      case 'x':
        return { ...answered, outcome: 'not-served', status: 503, answeredBy: NEW };
      case '.':
        return { sentAtMs, outcome: 'lost', answeredAtMs: null, status: null, answeredBy: null };
      default:
        return { sentAtMs, outcome: 'pending', answeredAtMs: null, status: null, answeredBy: null };
    }
  });
}

/** When the answer to the question at this place came. */
const answerAt = (index: number): number => index * EVERY_MS + LATENCY_MS;

describe('the outage that a caller saw', () => {
  it('lasts from the last good answer before it to the first good one after it', () => {
    //                           0123456789
    const summary = summarize(log('oooo......nnnnnn'), 175);

    expect(summary).toEqual({
      outage: 'over',
      outageMs: answerAt(10) - answerAt(3),
      lastServedBeforeMs: answerAt(3),
      firstServedAfterMs: answerAt(10),
      servedByBefore: OLD,
      servedByAfter: NEW,
      servedNow: true,
      counts: { asked: 16, served: 10, notServed: 0, lost: 6, failedAfterRecovery: 0 },
    });
  });

  it('counts a 503 like no answer', () => {
    const summary = summarize(log('oooo..xx..xxnnnnn'), 175);

    expect(summary).toMatchObject({ outage: 'over', outageMs: answerAt(12) - answerAt(3) });
    expect(summary.counts).toMatchObject({ notServed: 4, lost: 4 });
  });

  it('does not end with a single good answer in between', () => {
    const summary = summarize(log('oooo..o..nn.nnnnn'), 175);

    expect(summary).toMatchObject({ outage: 'over', firstServedAfterMs: answerAt(12), servedByAfter: NEW });
  });

  it('does not end while two nodes answer in turns', () => {
    const summary = summarize(log('oooo..ononononnnnn'), 175);

    expect(summary.firstServedAfterMs).toBe(answerAt(13));
  });

  it('goes on when service has not been stable up to the end', () => {
    const summary = summarize(log('oooo......nnnn'), 175);

    expect(summary).toMatchObject({ outage: 'ongoing', outageMs: null, firstServedAfterMs: null, servedNow: false });
  });

  it('ignores what failed and was over before the fault', () => {
    const summary = summarize(log('o..oooooooooooooo....nnnnn'), answerAt(16));

    expect(summary).toMatchObject({ lastServedBeforeMs: answerAt(16), outageMs: answerAt(21) - answerAt(16) });
  });

  it('is none when every question was served', () => {
    const summary = summarize(log('oooooooooo'), 175);

    expect(summary).toMatchObject({ outage: 'none', outageMs: 0, servedByBefore: OLD, servedByAfter: OLD });
  });

  it('is none when the node changed and nobody noticed', () => {
    expect(summarize(log('ooooonnnnn'), 210)).toMatchObject({ outage: 'none', servedByAfter: NEW });
  });

  it('counts from the fault for a caller that was never served before', () => {
    expect(summarize(log('....nnnnn'), 100)).toMatchObject({ outageMs: answerAt(4) - 100, lastServedBeforeMs: null });
  });

  it('leaves questions out that are still open', () => {
    expect(summarize(log('ooooooo???'), 0)).toMatchObject({ outage: 'none', servedNow: true, counts: { asked: 7 } });
  });

  it('tells failures that came after the recovery', () => {
    expect(summarize(log('oo...nnnnnn.nn'), 90).counts.failedAfterRecovery).toBe(1);
  });

  it('says nothing of an empty log', () => {
    expect(summarize([], 0)).toMatchObject({ outage: 'none', servedNow: false, counts: { asked: 0 } });
  });

  it('is at least as long as the silence between stable service before and after, for any picture between', () => {
    const between = fc.stringMatching(/^[onx.]{0,30}$/);
    fc.assert(
      fc.property(between, (middle) => {
        const picture = `ooooo.${middle}.${'n'.repeat(STABLE_ANSWERS)}`;
        const fault = answerAt(4) + 1;

        const summary = summarize(log(picture), fault);

        expect(summary.outage).toBe('over');
        expect(summary.lastServedBeforeMs).toBe(answerAt(4));
        expect(summary.outageMs).toBeGreaterThanOrEqual(2 * EVERY_MS);
        const { served, notServed, lost, asked } = summary.counts;
        expect(served + notServed + lost).toBe(asked);
      }),
    );
  });
});
