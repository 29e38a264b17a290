import { whyTooManyFalse } from '../../../local/simulate/too-many-false';

describe('failovers of a holder that nothing ailed', () => {
  it.each([
    ['any number will do where nobody set one', 7, 0, undefined],
    ['as many as were allowed', 2, 0, 2],
    ['those of a holder that was well again a moment before do not count', 3, 3, 0],
  ])('%s', (_words, falseFailovers, falseFailoversJustRecovered, atMost) => {
    expect(whyTooManyFalse({ falseFailovers, falseFailoversJustRecovered }, atMost)).toBeNull();
  });

  it('are told where they are more', () => {
    expect(whyTooManyFalse({ falseFailovers: 3, falseFailoversJustRecovered: 1 }, 1)).toMatch(
      /^2 failovers .* at most 1 /,
    );
  });
});
