import { missedOften, missesUntil } from '../../lib/domain/misses';

describe('a threshold of k misses', () => {
  it.each([
    ['in a row is reached by k misses in a row', 0b0111, 3, 0, true],
    ['in a row is not reached by fewer', 0b0011, 3, 0, false],
    ['in a row is broken by an answer', 0b1011, 3, 0, false],
    ['of k + 1 looks overlooks one answer', 0b1011, 3, 1, true],
    ['of k + 1 looks does not overlook two', 0b10011, 3, 1, false],
    ['is never reached while the newest look was answered', 0b11110, 3, 2, false],
    ['does not count looks from before its window', 0b1110001, 3, 1, false],
    ['may be as many as a history holds', 2 ** 30 - 1, 30, 0, true],
  ])('%s', (_words, history, k, slack, reached) => {
    expect(missedOften(history, k, slack)).toBe(reached);
  });
});

describe('how many misses more reach it', () => {
  it.each([
    ['all of them, after nothing', 0b0, 3, 0, 3],
    ['the rest of the row', 0b0001, 3, 0, 2],
    ['the whole row again after an answer, without slack', 0b0110, 3, 0, 3],
    ['one fewer for each that the slack still counts', 0b0101, 3, 1, 1],
    ['as many as replace those that leave the window', 0b10001, 3, 1, 2],
    ['none where it is reached', 0b1011, 3, 1, 0],
    ['one where only the newest look was answered', 0b1110, 3, 2, 1],
  ])('%s', (_words, history, k, slack, more) => {
    expect(missesUntil(history, k, slack)).toBe(more);
  });
});
