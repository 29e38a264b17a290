/** The first line: whether callers are served, and the one thing to know. Pure. */
import type { Classification } from '../failure-kinds';
import type { Beside } from './besides';
import type { Served } from './served';
import type { Effect } from './what-if';

/** What the headline is made of, of one VIP. */
export interface VipInShort {
  vipId: string;
  served: Served;
  nameBehind: string | null;
  holder: string | null;
  classification: Classification;
  /** What is decided now, in words that follow the name of the VIP. */
  does: string;
  /** What would become of it if its holder were killed now; null where it has none. */
  ifHolderDies: Effect | null;
}

/**
 * @param unregistered VIPs of which the store knows nothing
 * @param besides what is told to on-call of zones and nodes, the gravest first
 */
export function headlineOf(
  paused: string | null,
  vips: readonly VipInShort[],
  unregistered: readonly string[],
  besides: readonly Beside[],
): string {
  const unserved = vips.find((vip) => vip.served === 'no');
  if (unserved !== undefined) {
    const { vipId, classification, does } = unserved;
    return `Callers of ${namesOf(vips, 'no')} are NOT served. ${classification.why[0] ?? ''}; VIP ${vipId}: ${does}.`;
  }
  if (unregistered.length > 0) {
    return `Nobody watches ${unregistered.join(', ')}: the store has no state for it. Register the deployment again.`;
  }
  const unknown = vips.find((vip) => vip.served === 'unknown');
  if (unknown !== undefined) {
    return `Nobody can tell whether callers of ${namesOf(vips, 'unknown')} are served: ${[unknown.nameBehind ?? [], unknown.classification.why].flat().join('; ')}.`;
  }
  return `Callers are served. ${oneThingToKnow(paused, vips, besides)}`;
}

const namesOf = (vips: readonly VipInShort[], served: Served): string =>
  vips
    .filter((vip) => vip.served === served)
    .map((vip) => vip.vipId)
    .join(', ');

/** The gravest first. */
function oneThingToKnow(paused: string | null, vips: readonly VipInShort[], besides: readonly Beside[]): string {
  const failing = vips.find(({ classification }) => classification.kind !== 'none');
  if (failing !== undefined) {
    return `${failing.classification.why[0] ?? ''}; VIP ${failing.vipId}: ${failing.does}.`;
  }
  const unnamed = vips.find(({ nameBehind }) => nameBehind !== null);
  if (unnamed !== undefined) return `BUT not all of ${unnamed.vipId}: ${unnamed.nameBehind ?? ''}.`;
  if (paused !== null) return `The cluster is PAUSED (${paused}): whatever fails, nothing is done.`;
  const [told] = besides;
  // What it does to a standby is told below.
  if (told !== undefined) return `BUT ${told.of} ${told.says}.`;
  const exposed = vips.find(({ ifHolderDies }) => ifHolderDies?.staysServed === false);
  if (exposed !== undefined) return `BUT ${foretell(exposed)}.`;
  const gray = vips.find(({ classification }) => classification.gray !== null);
  if (gray !== undefined)
    return `VIP ${gray.vipId}: ${gray.classification.gray ?? ''}; nothing follows from that alone.`;
  const [first, ...others] = vips;
  const names = others.map(({ vipId }) => vipId).join(', ');
  const rest = others.length === 0 ? '' : `, and so it is with ${names}`;
  return first === undefined ? 'There is no VIP.' : `All is well: ${foretell(first)}${rest}.`;
}

const foretell = ({ vipId, holder, ifHolderDies }: VipInShort): string =>
  `if ${holder ?? 'its holder'} dies now, VIP ${vipId}: ${ifHolderDies?.says ?? 'is not affected'}`;
