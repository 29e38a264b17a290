/** A decision that was written, and what it is held against. */
import type { Transition, VipState } from '../../domain/model';

export interface Made {
  transition: Transition;
  /** The VIP as it was before. */
  before: VipState;
  /** Automatic failovers of all VIPs before, and how long ago: skipped time included, of which no journal knows. */
  failovers: readonly Left[];
}

/** The node that a failover left. */
export interface Left {
  vipId: string;
  nodeId: string;
  agoMs: number;
  /** By the clock of whoever decided it. */
  decidedAtMs: number;
}
