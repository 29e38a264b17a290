/** Where the failover function can be made to end: at each thing that it writes down of a change of holder. */
import type { StepName, StepRecord } from '../../domain/model';
import type { StateStore } from '../../domain/ports';

/** Besides the steps that are done: what EC2 was ordered to do and has not done yet, and what stands beside the steps. */
export type Written = StepName | 'stop ordered' | 'start ordered' | 'calls' | 'closing' | 'locked out' | 'let in';

export interface End {
  written: Written;
  /** Of the write's effect: what was done before it is done. */
  moment: 'before' | 'after';
}

/** What of a change of holder that has these steps is written beside them. */
export function writtenBeside(steps: readonly StepName[]): Written[] {
  const beside: Partial<Record<StepName, readonly Written[]>> = {
    lock: ['locked out'],
    recover: ['calls'],
    verify: ['closing'],
    stop: ['stop ordered'],
    restore: ['let in', 'start ordered'],
  };
  return steps.flatMap((step) => beside[step] ?? []);
}

/** Whether this call of the store writes it. A step is written when it is done: why it waits is written before. */
export function writes(written: Written, method: keyof StateStore, args: readonly unknown[]): boolean {
  switch (written) {
    case 'calls':
      return method === 'recordCalls';
    case 'closing':
      return method === 'closeTransition';
    case 'locked out':
      return method === 'setLockedOut' && args[1] !== null;
    case 'let in':
      return method === 'setLockedOut' && args[1] === null;
    case 'stop ordered':
      return recordsStep('stop', 'pending', method, args);
    case 'start ordered':
      return recordsStep('restore', 'pending', method, args);
    default:
      return recordsStep(written, 'done', method, args);
  }
}

function recordsStep(
  step: StepName,
  status: StepRecord['status'],
  method: keyof StateStore,
  args: readonly unknown[],
): boolean {
  return method === 'recordStep' && args[2] === step && (args[3] as StepRecord).status === status;
}
