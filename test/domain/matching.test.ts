/** Whether all that need places find them, some of them several on one node. */
import fc from 'fast-check';
import { allFit, type Demand, type Room } from '../../lib/domain/matching';

const ENOUGH = 100_000;
const room = (left: Record<string, number>): Room => new Map(Object.entries(left));
const demand = (placesOn: Record<string, number>): Demand => ({ placesOn: new Map(Object.entries(placesOn)) });
const fits = (demands: Demand[], left: Record<string, number>, steps = ENOUGH): boolean =>
  allFit(demands, room(left), { steps });

const anywhere = (places: number): Demand => demand({ a: places, b: places, c: places });

describe('things that need places', () => {
  it('fit where one may make room for another, and not where there are too many', () => {
    const flexible = demand({ a: 1, b: 1 });
    const bound = demand({ a: 1 });

    expect(fits([flexible, bound], { a: 1, b: 1 })).toBe(true);
    expect(fits([flexible, bound, bound], { a: 1, b: 2 })).toBe(false);
    expect(fits([flexible, bound, bound], { a: 2, b: 1 })).toBe(true);
  });

  it('do not fit where one may go nowhere, or to no node that there is', () => {
    expect(fits([demand({})], { a: 9 })).toBe(false);
    expect(fits([demand({ z: 1 })], { a: 9 })).toBe(false);
    expect(fits([demand({ z: 2 })], { a: 9 })).toBe(false);
  });

  it('that come together need one node with room for all of them', () => {
    expect(fits([anywhere(2)], { a: 1, b: 1, c: 1 })).toBe(false);
    expect(fits([anywhere(2)], { a: 1, b: 1, c: 2 })).toBe(true);
    expect(fits([anywhere(2), anywhere(2)], { a: 1, b: 3, c: 1 })).toBe(false);
    expect(fits([anywhere(2), anywhere(3)], { a: 2, b: 3, c: 0 })).toBe(true);
  });

  it('that come together do not take what single ones need', () => {
    expect(fits([anywhere(2), demand({ a: 1 })], { a: 2, b: 2 })).toBe(true);
    expect(fits([anywhere(2), demand({ a: 1 }), demand({ b: 1 })], { a: 2, b: 2 })).toBe(false);
  });

  it('take nothing where they have their places already, and the rest of them where they have some', () => {
    expect(fits([demand({ a: 0, b: 1 }), demand({ b: 1 })], { a: 0, b: 1 }, 0)).toBe(true);
    expect(fits([demand({ a: 1, b: 2 })], { a: 1, b: 1 })).toBe(true);
    expect(fits([demand({ a: 1, b: 2 })], { a: 0, b: 1 })).toBe(false);
  });

  it('are searched for as long as the budget lasts, which is counted down', () => {
    const pairs = Array.from({ length: 10 }, () => demand({ a: 2, b: 2, c: 2, d: 2, e: 2, f: 2, g: 2, h: 2, i: 2 }));
    const left = room({ a: 3, b: 3, c: 3, d: 3, e: 3, f: 3, g: 3, h: 3, i: 3 });
    const budget = { steps: 500 };

    expect(allFit(pairs, left, budget)).toBe(false);
    expect(budget.steps).toBeLessThan(0);
    expect(fits([anywhere(2)], { a: 0, b: 0, c: 2 }, 1)).toBe(true);
    expect(fits([anywhere(2)], { a: 0, b: 0, c: 2 }, 0)).toBe(false);
  });

  it('are not searched for where there is less room than they need, however it is divided', () => {
    const budget = { steps: 5 };

    expect(allFit([anywhere(2), anywhere(2), anywhere(2)], room({ a: 2, b: 2, c: 1 }), budget)).toBe(false);
    expect(budget.steps).toBe(5);
  });

  it('are matched without the budget where each needs one place', () => {
    const flexible = Array.from({ length: 19 }, () => anywhere(1));

    expect(fits(flexible, { a: 6, b: 6, c: 7 }, 0)).toBe(true);
    expect(fits(flexible, { a: 6, b: 6, c: 6 }, 0)).toBe(false);
  });

  it('fit, few of them, exactly where some combination has room for all', () => {
    const places = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined, freq: 3 });
    const anyDemand = fc
      .record({ a: places, b: places, c: places })
      .map((on) => demand(Object.fromEntries(Object.entries(on).filter(([, count]) => count !== undefined)) as never));
    const anyRoom = fc.record({ a: fc.nat(4), b: fc.nat(4), c: fc.nat(4) });
    const some = ([first, ...others]: Demand[], left: Record<string, number>): boolean =>
      first === undefined ||
      [...first.placesOn].some(([id, count]) => {
        const after = (left[id] ?? 0) - count;
        return after >= 0 && some(others, { ...left, [id]: after });
      });

    fc.assert(
      fc.property(fc.array(anyDemand, { maxLength: 5 }), anyRoom, (demands, left) => {
        expect(fits(demands, left)).toBe(some(demands, left));
      }),
      { numRuns: 2_000 },
    );
  });
});
