/** What must hold of a decision for the store's sake. */

/** A look that could not be written, and those before it, are this old at most when they could be read again. */
const REMEMBERED_MS = 60_000;

export const STORE_INVARIANT = {
  invariant: '6. a store that is slow or away is no reason for a failover',
  /**
   * @param isFalse a failover of a holder that nothing had struck, nor a moment before
   * @param storeAloneAgoMs how long ago the store was in trouble, and nothing else; infinity: never
   */
  broken: (id: string, isFalse: boolean, storeAloneAgoMs: number): string | null =>
    isFalse && storeAloneAgoMs <= REMEMBERED_MS ? `${id}: nothing but the store was in trouble` : null,
};
