/** Values on the command lines of the simulator, read and refused. */
import { InvalidArgumentError } from 'commander';
import type { FaultKind } from '../../lib/simulation/faults/fault';
import { RATES } from '../../lib/simulation/faults/rates';

/** Seeds are 32 bits: what more was written would be ignored. */
export const SEEDS = 2 ** 32;

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('a whole number, 0 or more');
}

export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value >= 1) return value;
  throw new InvalidArgumentError('a whole number, 1 or more');
}

export function seedNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < SEEDS) return value;
  throw new InvalidArgumentError(`a whole number below ${SEEDS}`);
}

export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('a number, 0 or more');
}

export function aboveZero(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number above 0, also a fraction');
}

export function share(text: string): number {
  const value = notNegative(text);
  if (value < 1) return value;
  throw new InvalidArgumentError('a share from 0 to below 1: 0.01 is 1 %');
}

export function faultKinds(text: string): FaultKind[] {
  const known = Object.keys(RATES) as FaultKind[];
  return text.split(',').map((name) => {
    const kind = known.find((each) => each === name);
    if (kind === undefined) throw new InvalidArgumentError(`known: ${known.join(', ')}`);
    return kind;
  });
}
