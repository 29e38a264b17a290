/** What is tried of a real FreeSWITCH, from a fresh ground on. */
import type { Ground } from '../lab';
import type { Findings } from '../result';

export interface Scenario {
  name: string;
  title: string;
  run: (ground: Ground, findings: Findings, options: { calls: number | null }) => Promise<void>;
}
