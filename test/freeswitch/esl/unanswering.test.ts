import { MAX_BYTES_PER_SECOND, MAX_FRAMES_PER_SECOND, Unanswering } from '../../../lib/freeswitch/esl/unanswering';

const times = (count: number, each: () => string | null): (string | null)[] => Array.from({ length: count }, each);

describe('frames that answer nothing', () => {
  it('are let through up to the limit of a second', () => {
    const unanswering = new Unanswering();

    const answers = times(MAX_FRAMES_PER_SECOND, () => unanswering.count(40, 1_000));

    expect(answers.filter((each) => each !== null)).toEqual([]);
    expect(unanswering.count(40, 1_999)).toBe('501 frames (20040 bytes) within a second that answer nothing');
  });

  it('are counted anew each second', () => {
    const unanswering = new Unanswering();
    times(MAX_FRAMES_PER_SECOND, () => unanswering.count(40, 1_000));

    expect(unanswering.count(40, 2_000)).toBeNull();
  });

  it('are few where they are large', () => {
    const unanswering = new Unanswering();

    expect(unanswering.count(MAX_BYTES_PER_SECOND, 0)).toBeNull();
    expect(unanswering.count(1, 999)).toMatch(/^2 frames \(4194305 bytes\)/);
  });
});
