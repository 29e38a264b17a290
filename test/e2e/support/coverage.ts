/** Looks at the observation items while something else goes on: was there always a majority of fresh observers? */
import { quorumOf } from '../../../lib/domain/model';
import type { World } from '../../../local/demo/world';

const SAMPLE_EVERY_MS = 100;

export interface Coverage {
  samples: number;
  /** The oldest that the youngest majority's word on the holder ever was, milliseconds. */
  oldestQuorumMs: number;
  /** Zone -> the longest time between two of its observations, milliseconds. */
  longestSilenceMs: Record<string, number>;
}

/** Samples until `work` ends, and hands both results over. */
export async function coverageDuring<T>(
  world: World,
  nodeId: string,
  work: () => Promise<T>,
): Promise<{ coverage: Coverage; result: T }> {
  const coverage: Coverage = { samples: 0, oldestQuorumMs: 0, longestSilenceMs: {} };
  let working = true;
  const sampling = (async () => {
    while (working) {
      await sample(world, nodeId, coverage);
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS));
    }
  })();
  try {
    const result = await work();
    return { coverage, result };
  } finally {
    working = false;
    await sampling;
  }
}

async function sample(world: World, nodeId: string, coverage: Coverage): Promise<void> {
  const { topology, observations } = await world.snapshot();
  const nowMs = Date.now();
  const ages = topology.observers.map((zone) => {
    const seen = observations.find((each) => each.zone === zone && each.nodeId === nodeId && !each.blind);
    const ageMs = seen === undefined ? Number.POSITIVE_INFINITY : nowMs - seen.observedAtMs;
    coverage.longestSilenceMs[zone] = Math.max(coverage.longestSilenceMs[zone] ?? 0, ageMs);
    return ageMs;
  });
  const quorumMs = ages.sort((a, b) => a - b)[quorumOf(topology.observers.length) - 1] ?? Number.POSITIVE_INFINITY;
  coverage.samples += 1;
  coverage.oldestQuorumMs = Math.max(coverage.oldestQuorumMs, quorumMs);
}
