/** What can be asked: which strategies, what is told and drawn of them, and the page that has it. */
import { DETECTION_COLUMNS, LOSS_COLUMNS, STRATEGY_COLUMNS } from './columns';
import { DETECTION_PANELS, LOSS_PANELS, STRATEGY_PANELS, type Panel } from './panels';
import { asListed, rank, type Evaluated, type Ranked } from './ranking';
import { DETECTION, STRATEGIES, type Strategy } from './strategies';
import type { Column } from './table';

export interface StrategySet {
  /** The first is the yardstick. */
  strategies: readonly Strategy[];
  arrange: (evaluated: readonly Evaluated[], seed: number) => Ranked[];
  columns: readonly Column[];
  panels: readonly Panel[];
  /** In docs/, where `--write-docs` puts table and picture. */
  page: string;
  picture: string;
}

export const SET_NAMES = ['strategies', 'detection', 'loss'] as const;
export type SetName = (typeof SET_NAMES)[number];

export const SETS: Readonly<Record<SetName, StrategySet>> = {
  /** What a team would weigh against each other. */
  strategies: {
    strategies: STRATEGIES,
    arrange: rank,
    columns: STRATEGY_COLUMNS,
    panels: STRATEGY_PANELS,
    page: 'strategies.md',
    picture: 'strategies.svg',
  },
  /** How many misses of how many looks, how often: how soon a silence is found. */
  detection: {
    strategies: DETECTION,
    arrange: asListed,
    columns: DETECTION_COLUMNS,
    panels: DETECTION_PANELS,
    page: 'detection.md',
    picture: 'detection.svg',
  },
  /** The same settings, and what they do where nothing is wrong but loss. */
  loss: {
    strategies: DETECTION,
    arrange: asListed,
    columns: LOSS_COLUMNS,
    panels: LOSS_PANELS,
    page: 'detection.md',
    picture: 'detection-loss.svg',
  },
};
