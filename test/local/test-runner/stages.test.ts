import { grouped, STAGES, type Stage } from '../../../local/test-runner/stages';

const ids = (groups: Stage[][]): string[][] => groups.map((group) => group.map(({ id }) => id));

describe('stages that each keep one core busy', () => {
  it('run beside the one before, all others alone', () => {
    const groups = ids(grouped(STAGES));

    expect(groups).toContainEqual(['lint', 'fuzz']);
    expect(groups.filter((group) => group.length > 1)).toHaveLength(1);
    expect(groups.flat()).toEqual(STAGES.map(({ id }) => id));
  });

  it('run alone where the one before was not chosen', () => {
    const chosen = STAGES.filter(({ id }) => id === 'fuzz' || id === 'unit');

    expect(ids(grouped(chosen))).toEqual([['fuzz'], ['unit']]);
  });
});
