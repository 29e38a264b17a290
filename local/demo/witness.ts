/** Puts together what is known about a fault: the table, what AWS says, what the caller and the engineer saw. */
import type { Transition, VipState, VipTopology } from '../../lib/domain/model';
import type { StateStore } from '../../lib/domain/ports';
import type { Facts, Fault } from './facts';
import type { Outside } from './outside';
import type { Phone } from './phone';
import type { Street } from './street';

/** How things stood when a fault was injected. */
export interface Before {
  fault: Fault;
  /** Epoch milliseconds. */
  faultAtMs: number;
  vip: VipState;
  addressOn: string | null;
  nameLeadsTo: string | null;
}

export interface Sources {
  vip: VipTopology;
  store: StateStore;
  outside: Outside;
  phone: Phone;
  street: Street;
  /** Sessions that the FreeSWITCH of a node has now, as it says itself; null when it does not. */
  sessions: (nodeId: string) => Promise<number | null>;
  /** Calls that were placed before the fault. */
  placed: number;
  /** Whether the nodes share a database. */
  recoverable: boolean;
}

/** Taken immediately before the fault: its end is the moment that all times are counted from. */
export async function noteBefore(fault: Fault, state: VipState, vip: VipTopology, outside: Outside): Promise<Before> {
  const [addressOn, nameLeadsTo] = await Promise.all([outside.addressOn(vip), outside.nameLeadsTo(vip)]);
  return { fault, faultAtMs: Date.now(), vip: state, addressOn, nameLeadsTo };
}

/** Everything known now. */
export async function gatherFacts(sources: Sources, before: Before): Promise<Facts> {
  const { vip, store, outside, phone, street } = sources;
  const [state, addressOn, nameLeadsTo] = await Promise.all([
    readVip(store, vip.id),
    outside.addressOn(vip),
    outside.nameLeadsTo(vip),
  ]);
  const transitions = await readTransitions(store, vip.id, before.vip.epoch + 1, state.epoch);
  const sessionsNow = state.holder === null ? null : await sources.sessions(state.holder.nodeId);
  return {
    fault: before.fault,
    faultAtMs: before.faultAtMs,
    vipId: vip.id,
    holder: { before: before.vip.holder?.nodeId ?? null, after: state.holder?.nodeId ?? null },
    epoch: { before: before.vip.epoch, after: state.epoch },
    addressOn: { before: before.addressOn, after: addressOn },
    nameLeadsTo: { before: before.nameLeadsTo, after: nameLeadsTo },
    hasPrivateName: vip.privateDns !== null,
    transitions,
    calls: {
      placed: sources.placed,
      recoverable: sources.recoverable,
      ledger: transitions.at(-1)?.calls ?? null,
      sessionsNow,
    },
    notifications: phone.since(before.faultAtMs),
    caller: street.callerView(before.faultAtMs),
  };
}

/** Strongly consistent. */
export async function readVip(store: StateStore, vipId: string): Promise<VipState> {
  const state = (await store.readCluster()).vips.find((each) => each.vipId === vipId);
  if (state === undefined) throw new Error(`the table has no VIP ${vipId}`);
  return state;
}

async function readTransitions(store: StateStore, vipId: string, from: number, to: number): Promise<Transition[]> {
  const epochs = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const found = await Promise.all(epochs.map((epoch) => store.readTransition(vipId, epoch)));
  return found.filter((transition): transition is Transition => transition !== null);
}
