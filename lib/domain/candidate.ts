/** What the judgement says of one node as a candidate for a VIP. */

/** A node that could take a VIP now. */
export interface FitCandidate {
  nodeId: string;
  eligible: true;
  coreUuid: string;
  /** For so long a majority has seen it well without a break. */
  wellForMs: number;
  /** So far its clock is behind the old holder's that recovered calls would have to wait for it; 0: they need not. */
  behindHolderMs: number;
  /** Only an operator may choose it: the control plane never does (`firstChoice`). */
  manualOnly: boolean;
}

export type Candidate =
  | FitCandidate
  /** `unfit`: nothing forbids it but what is seen of it, as while it boots. */
  | { nodeId: string; eligible: false; why: string; unfit?: true };
