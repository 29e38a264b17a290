/** The phases of a recovery out of its journal. Pure. */
import type { StepName, StepRecord, Transition } from '../../lib/domain/model';

export const PHASE_NAMES = [
  'detected',
  'decided',
  'fenced',
  'addressMoved',
  'dnsMoved',
  'locked',
  'recovered',
  'promoted',
  'verified',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

/** Milliseconds from the fault; null: did not happen, or had nothing to do (a VIP without a name). */
export type PhasesMs = Record<PhaseName, number | null>;

/** A phase as a stretch of time, for drawing. */
export interface Phase {
  name: PhaseName;
  startMs: number;
  endMs: number;
}

/** The journal step that ends each phase; detection and decision stand in the journal itself. */
const STEP_OF: Record<Exclude<PhaseName, 'detected' | 'decided'>, StepName> = {
  fenced: 'fence',
  addressMoved: 'attach',
  dnsMoved: 'dns',
  locked: 'lock',
  recovered: 'recover',
  promoted: 'promote',
  verified: 'verify',
};

/**
 * Phases of a chain of transitions: detection and decision of the first one, the steps of the last one (a candidate
 * that dies on the way is replaced by a transition of the same chain).
 *
 * @param transitions journals since the fault, by epoch
 * @param faultAtMs epoch milliseconds
 */
export function phasesOf(transitions: readonly Transition[], faultAtMs: number): Phase[] {
  const first = transitions[0];
  const last = transitions.at(-1);
  if (first === undefined || last === undefined) return [];
  const detected = first.detectedAtMs - faultAtMs;
  const decided = first.decidedAtMs - faultAtMs;
  const steps = Object.entries(STEP_OF).flatMap(([name, step]) =>
    stepPhase(name as PhaseName, last.steps[step], faultAtMs),
  );
  return [
    { name: 'detected', startMs: Math.min(0, detected), endMs: detected },
    { name: 'decided', startMs: detected, endMs: decided },
    ...steps,
  ];
}

function stepPhase(name: PhaseName, record: StepRecord, faultAtMs: number): Phase[] {
  if (record.status !== 'done' || record.finishedAtMs === null) return [];
  const endMs = record.finishedAtMs - faultAtMs;
  return [{ name, startMs: record.startedAtMs === null ? endMs : record.startedAtMs - faultAtMs, endMs }];
}

/** When each phase was over, in milliseconds from the fault. */
export function phasesMs(phases: readonly Phase[]): PhasesMs {
  const endOf = (name: PhaseName): number | null => phases.find((phase) => phase.name === name)?.endMs ?? null;
  return {
    detected: endOf('detected'),
    decided: endOf('decided'),
    fenced: endOf('fenced'),
    addressMoved: endOf('addressMoved'),
    dnsMoved: endOf('dnsMoved'),
    locked: endOf('locked'),
    recovered: endOf('recovered'),
    promoted: endOf('promoted'),
    verified: endOf('verified'),
  };
}
