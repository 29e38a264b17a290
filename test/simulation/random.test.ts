import { Dice } from '../../lib/simulation/kernel/random';

const take = (dice: Dice, count: number): number[] => Array.from({ length: count }, () => dice.next());
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('dice', () => {
  it('repeat a stream by seed and name, and no other', () => {
    const stream = take(new Dice(7, 'world'), 100);

    expect(take(new Dice(7, 'world'), 100)).toEqual(stream);
    expect(take(new Dice(8, 'world'), 100)).not.toEqual(stream);
    expect(take(new Dice(7, 'other'), 100)).not.toEqual(stream);
  });

  it('say the same on any machine', () => {
    const words = take(new Dice(1, 'world'), 3).map((value) => value * 2 ** 32);

    expect(words).toEqual([1_847_746_959, 329_324_499, 3_620_609_206]);
  });

  it('draw the same times on any machine, to the bit: V8 computes logarithm and power itself', () => {
    const dice = new Dice(1, 'world');
    const times = Array.from({ length: 3 }, () => dice.exponential(86_400_000));

    expect(times).toEqual([48_599_232.49480186, 6_892_644.7794915065, 159_964_239.68572065]);
    expect([0.3, 1.7, 5.9].map((exponent) => 2 ** exponent)).toEqual([
      1.2311444133449163, 3.249009585424942, 59.71411145835569,
    ]);
  });

  it('fork streams that do not depend on what was drawn before or elsewhere', () => {
    const untouched = take(new Dice(7, 'world').fork('ec2'), 20);
    const world = new Dice(7, 'world');
    take(world, 1_000);
    take(world.fork('weather'), 1_000);

    expect(take(world.fork('ec2'), 20)).toEqual(untouched);
    expect(take(world.fork('weather'), 20)).not.toEqual(untouched);
  });

  it('leave the parent stream alone when they fork', () => {
    const expected = take(new Dice(7, 'world'), 10);
    const world = new Dice(7, 'world');
    const half = take(world, 5);
    take(world.fork('ec2'), 100);

    expect([...half, ...take(world, 5)]).toEqual(expected);
  });

  it('are even, and streams of neighbouring seeds have nothing in common', () => {
    const one = take(new Dice(1, 'world'), 20_000);
    const next = take(new Dice(2, 'world'), 20_000);
    const together = mean(one.map((value, index) => (value - 0.5) * ((next[index] as number) - 0.5)));

    expect(mean(one)).toBeCloseTo(0.5, 1);
    // A standard error of 1/12/sqrt(20,000) is 0.0006.
    expect(Math.abs(together)).toBeLessThan(0.003);
    expect(Math.min(...one)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...one)).toBeLessThan(1);
  });

  it('wait as long as they are asked to on the average', () => {
    const dice = new Dice(3, 'world');
    const waits = Array.from({ length: 20_000 }, () => dice.exponential(400));

    expect(Math.abs(mean(waits) - 400)).toBeLessThan(15);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  });

  it('draw within their range, and all of it', () => {
    const dice = new Dice(4, 'world');
    const between = Array.from({ length: 2_000 }, () => dice.between(10, 20));
    const below = Array.from({ length: 2_000 }, () => dice.below(3));

    expect(between.every((each) => each >= 10 && each < 20)).toBe(true);
    expect(Math.abs(mean(between) - 15)).toBeLessThan(0.5);
    expect([...new Set(below)].sort()).toEqual([0, 1, 2]);
  });

  it('let happen what is certain, never what is impossible, and now and then what is not likely', () => {
    const dice = new Dice(4, 'world');
    const timesOf = (chance: number): number =>
      Array.from({ length: 2_000 }, () => dice.chance(chance)).filter((each) => each).length;

    expect([timesOf(0), timesOf(1)]).toEqual([0, 2_000]);
    expect(Math.abs(timesOf(0.2) - 400)).toBeLessThan(80);
  });

  it('pick by weight, and never what weighs nothing', () => {
    const dice = new Dice(5, 'world');
    const picked = Array.from({ length: 8_000 }, () =>
      dice.weighted([
        ['never', 0],
        ['often', 3],
        ['seldom', 1],
      ]),
    );

    expect(picked).not.toContain('never');
    expect(Math.abs(picked.filter((each) => each === 'often').length - 6_000)).toBeLessThan(200);
  });

  it('refuse to pick from nothing', () => {
    expect(() => new Dice(1, 'world').pick([])).toThrow('world: nothing to pick from');
  });

  it('give ids that are never given twice', () => {
    const dice = new Dice(1, 'failover#3');

    expect([dice.id(), dice.id(), dice.fork('probe').id()]).toEqual([
      'failover#3-1',
      'failover#3-2',
      'failover#3/probe-1',
    ]);
  });
});
