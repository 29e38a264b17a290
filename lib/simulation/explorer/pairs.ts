/**
 * Two faults in one state, the second a short while after the first, while that is being dealt with. There are hundreds of
 * thousands: a seed draws some, and each has a number by which it is tried again.
 */
import type { Fault } from '../faults/fault';
import { Dice } from '../kernel/random';
import type { Case } from './explore';
import { FAULTS } from './faults';
import { PRELUDES, type Prelude } from './preludes';

/** From within one look to after a convergence and its first counts; some at once. */
const SECOND_AFTER_MS = { least: 200, doublings: 8 };
const AT_ONCE = 0.1;

/** What lasts does so for as long as alone, or until on-call might have come: a holder may fail in the middle of it. */
const LONG_MS = 6 * 60_000;
const LASTS_LONG = 0.4;

const faultsIn = ({ faultsBeside = [] }: Prelude): readonly Fault[] => [...FAULTS, ...faultsBeside];

/** Those of one state are numbered on from those of the one before. */
function blocks(): { prelude: Prelude; first: number; size: number }[] {
  let first = 0;
  return PRELUDES.map((prelude) => {
    const size = faultsIn(prelude).length ** 2;
    first += size;
    return { prelude, first: first - size, size };
  });
}

/**
 * The numbers of the pairs to try, in the order of the draw.
 * @param words only of states whose name has these
 */
export function drawPairs(seed: number, most: number, words = ''): number[] {
  const among = blocks().filter(({ prelude }) => prelude.state.includes(words));
  const total = among.reduce((sum, { size }) => sum + size, 0);
  return new Dice(seed, 'pairs').someBelow(most, total).map((place) => {
    let left = place;
    const block = among.find(({ size }) => {
      if (left < size) return true;
      left -= size;
      return false;
    });
    return (block?.first ?? 0) + left;
  });
}

/** null: no pair has that number. */
export function pairOf(seed: number, number: number): Case | null {
  const block = blocks().find(({ first, size }) => number >= first && number < first + size);
  if (block === undefined) return null;
  const faults = faultsIn(block.prelude);
  const place = number - block.first;
  const [first, second] = [faults[Math.floor(place / faults.length)], faults[place % faults.length]];
  if (first === undefined || second === undefined) return null;
  const dice = new Dice(seed, `pair ${number}`);
  const { least, doublings } = SECOND_AFTER_MS;
  const laterMs = Math.round(least * 2 ** dice.between(0, doublings));
  const afterMs = dice.fork('together').chance(AT_ONCE) ? 0 : laterMs;
  const lasting = (fault: Fault): Fault =>
    'forMs' in fault && dice.chance(LASTS_LONG) ? { ...fault, forMs: LONG_MS } : fault;
  return { prelude: block.prelude, fault: lasting(first), second: { fault: lasting(second), afterMs }, crash: null };
}
