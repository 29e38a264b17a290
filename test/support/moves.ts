/** A change of holder for specifications, from fs-a to fs-b, and its journal with some steps done. */
import type { Change } from '../../lib/domain/decision';
import type { StepName, Topology, Transition } from '../../lib/domain/model';
import { decisionWrite } from '../../lib/domain/transition';

/** An operator's switchover, unless `overrides` say otherwise. */
export const aMove = (overrides: Partial<Change> = {}): Change => ({
  kind: 'change',
  vipId: 'main',
  transition: 'switchover',
  cause: 'operator',
  from: { nodeId: 'fs-a', coreUuid: 'uuid-fs-a' },
  to: { nodeId: 'fs-b', coreUuid: 'uuid-fs-b' },
  expectedEpoch: 1,
  detectedAtMs: 0,
  startsBlock: false,
  follows: null,
  reasons: [],
  ...overrides,
});

export function journalOf(
  change: Change,
  topology: Topology,
  decidedAtMs: number,
  done: readonly StepName[] = [],
): Transition {
  const { transition } = decisionWrite(change, topology, [], decidedAtMs, 'test');
  const steps = { ...transition.steps };
  for (const step of done) steps[step] = { ...steps[step], status: 'done', proof: 'seen' };
  return { ...transition, steps };
}
