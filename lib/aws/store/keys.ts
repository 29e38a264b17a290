/**
 * Keys of the single table. Everything that the decision reads lies under one partition key, `live`, so that one
 * strongly consistent Query sees it all. A journal is keyed by its VIP: its INSERT is the stream record that wakes
 * convergence, and the stream's shards keep the order per VIP.
 */
export interface ItemKey {
  pk: string;
  sk: string;
}

export const LIVE = 'live';
export const AUDIT = 'audit';

const key = (pk: string, sk: string): ItemKey => ({ pk, sk });

export const topologyKey = (): ItemKey => key(LIVE, 'topology');
export const controlKey = (): ItemKey => key(LIVE, 'control');
export const vipKey = (vipId: string): ItemKey => key(LIVE, `vip#${vipId}`);
export const nodeKey = (nodeId: string): ItemKey => key(LIVE, `node#${nodeId}`);
export const observationKey = (nodeId: string, zone: string): ItemKey => key(LIVE, `obs#${nodeId}#${zone}`);
export const instanceKey = (nodeId: string): ItemKey => key(LIVE, `instance#${nodeId}`);
export const leaseKey = (zone: string): ItemKey => key(LIVE, `lease#${zone}`);
export const incidentKey = (kind: string, subject: string): ItemKey => key(`incident#${kind}`, subject);

/** Twelve digits keep epochs in numeric order as text; at a change a second they last for 31,000 years. */
export const journalKey = (vipId: string, epoch: number): ItemKey =>
  key(`vip#${vipId}`, `epoch#${String(epoch).padStart(12, '0')}`);

/** Takes `vip#epoch` apart. Throws RangeError when it is no transition id: a bug of the caller, never of the store. */
export function parseTransitionId(id: string): { vipId: string; epoch: number } {
  const match = /^(.+)#(\d+)$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new RangeError(`'${id}' is no transition id; it must be VIP#EPOCH, as transitionId() makes it`);
  }
  return { vipId: match[1], epoch: Number(match[2]) };
}

/** The journal that a stream record's keys name; null when they name something else. */
export function parseJournalKey(keys: { pk?: string; sk?: string }): { vipId: string; epoch: number } | null {
  const vip = /^vip#(.+)$/.exec(keys.pk ?? '');
  const epoch = /^epoch#(\d{12,})$/.exec(keys.sk ?? '');
  if (vip?.[1] === undefined || epoch?.[1] === undefined) return null;
  return { vipId: vip[1], epoch: Number(epoch[1]) };
}
