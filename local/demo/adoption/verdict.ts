/** Does `understudy check` name the level that the nodes have? Pure: findings for the demo's judgement. */
import type { Inspection } from '../../../lib/domain/ports';
import type { Finding } from '../judge';
import { takesNext, type AdoptionLevel } from './level';

export interface AdoptionView {
  /** What the nodes were made as. */
  level: AdoptionLevel;
  /** What the check said of each, asked of the deployed functions before anything was broken. */
  nodes: Inspection[];
}

/** One finding a node for its level, one for what the next level takes. */
export function levelFindings({ level, nodes }: AdoptionView): Finding[] {
  const next = takesNext(level);
  return nodes.flatMap(({ nodeId, level: named, missing, conflicts }) => {
    const told = next === null ? missing.length === 0 : missing.some((gap) => next.test(gap));
    const well = named === level && conflicts.length === 0;
    return [
      {
        expected: `the check names level ${level} for ${nodeId}, and nothing that fights the control plane`,
        holds: well,
        found: well ? '' : [`level ${named ?? 'not known'}`, ...conflicts].join('; '),
      },
      {
        expected: next === null ? `and no further one for ${nodeId}` : `and what level ${level + 1} takes of ${nodeId}`,
        holds: told,
        found: told ? '' : missing.join('; ') || 'nothing is missing',
      },
    ];
  });
}

/** As lines for a terminal. */
export function drawLevels({ nodes }: AdoptionView): string[] {
  return nodes.flatMap(({ nodeId, level, missing, conflicts }) => [
    `  ${nodeId}: level ${level ?? '?'}${missing.length === 0 ? '' : ', the next one takes'}`,
    ...missing.map((gap) => `    ${gap}`),
    ...conflicts.map((conflict) => `    CONFLICT: ${conflict}`),
  ]);
}
