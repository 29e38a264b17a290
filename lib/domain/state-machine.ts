/**
 * The state machines of a cluster, and which of their edges a change of its state took. A change that no table has is
 * a violation; the simulator looks for one after every write of the store. `docs/architecture.md` shows the tables.
 */
import { transitionId, type ClusterControl, type NodeState, type Transition, type VipState } from './model';
import { edgeId, type EdgeTaken, type Machine } from './state-machine/machine';
import { edgeOfNode, NODE_MACHINE } from './state-machine/node';
import { edgeOfPause, PAUSE_MACHINE, type SeenPause } from './state-machine/pause';
import { edgeOfTransition, TRANSITION_MACHINE } from './state-machine/transition';
import { edgeOfVip, VIP_MACHINE, type SeenVip } from './state-machine/vip';

export const MACHINES: readonly Machine[] = [VIP_MACHINE, TRANSITION_MACHINE, NODE_MACHINE, PAUSE_MACHINE];

export const EDGE_IDS: readonly string[] = MACHINES.flatMap((machine) =>
  machine.edges.map((edge) => edgeId(machine, edge)),
);

/** The calls that take an edge: after any other call of the store there is nothing to look for. */
export const CHANGING_CALLS: ReadonlySet<string> = new Set(
  MACHINES.flatMap(({ edges }) => edges.flatMap(({ ways }) => ways.map((way) => way.calls))),
);

/** The items of a cluster that have states; `MemoryStateStore` is one. */
export interface StatefulItems {
  readonly control: ClusterControl | null;
  readonly vips: ReadonlyMap<string, VipState>;
  readonly nodes: ReadonlyMap<string, NodeState>;
  /** Every journal that did not expire, by its id. */
  readonly transitions: ReadonlyMap<string, Transition>;
}

/** The items as they were at one time. */
export interface Photograph extends StatefulItems {
  /** Epoch milliseconds: a maintenance window ends without a write. */
  readonly atMs: number;
}

/** A copy as deep as what has states: journals share their steps with the original. */
export function photograph({ control, vips, nodes, transitions }: StatefulItems, atMs: number): Photograph {
  return {
    atMs,
    control: control === null ? null : { ...control },
    vips: copyOf(vips, (vip) => ({ ...vip, holder: vip.holder === null ? null : { ...vip.holder } })),
    nodes: copyOf(nodes, (node) => ({ ...node, claims: [...node.claims] })),
    transitions: copyOf(transitions, (transition) => ({ ...transition })),
  };
}

/**
 * The edges that the items took between two photographs with one call of the store between them: their ids, and in
 * `unknown` the changes that no table has, in words.
 */
export function edgesTaken(before: Photograph, after: Photograph): { edges: string[]; unknown: string[] } {
  const taken = [
    ...changes(before.transitions, after.transitions, edgeOfTransition),
    ...changes(seenVips(before), seenVips(after), edgeOfVip),
    ...changes(before.nodes, after.nodes, edgeOfNode),
    ...changes(seenPauses(before), seenPauses(after), edgeOfPause),
  ];
  return {
    edges: taken.flatMap(({ change }) => ('edge' in change ? [change.edge] : [])),
    unknown: [
      ...taken.flatMap(({ id, change }) => ('edge' in change ? [] : [`${id}: ${change.unknown}`])),
      ...lost(before, after).map((id) => `${id}: it is gone`),
    ],
  };
}

function changes<Item>(
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
  edgeOf: (before: Item | null, after: Item) => EdgeTaken | null,
): { id: string; change: EdgeTaken }[] {
  return [...after].flatMap(([id, item]) => {
    const change = edgeOf(before.get(id) ?? null, item);
    return change === null ? [] : [{ id, change }];
  });
}

/** Nothing is ever deleted but a closed journal, which expires. */
function lost(before: Photograph, after: Photograph): string[] {
  const open = [...before.transitions.values()].filter(({ status }) => status === 'open').map(({ id }) => id);
  return [
    ...[...before.vips.keys()].filter((id) => !after.vips.has(id)),
    ...[...before.nodes.keys()].filter((id) => !after.nodes.has(id)),
    ...open.filter((id) => !after.transitions.has(id)),
  ];
}

function seenVips({ vips, transitions }: Photograph): ReadonlyMap<string, SeenVip> {
  return copyOf(vips, (vip) => ({ vip, journal: transitions.get(transitionId(vip.vipId, vip.epoch)) ?? null }));
}

function seenPauses({ control, vips, nodes, atMs }: Photograph): ReadonlyMap<string, SeenPause> {
  const items = [
    ...(control === null ? [] : [['the cluster', control] as const]),
    ...[...vips].map(([id, vip]) => [`VIP ${id}`, vip] as const),
    ...[...nodes].map(([id, node]) => [`node ${id}`, node] as const),
  ];
  return new Map(items.map(([id, item]) => [id, { item, atMs }]));
}

function copyOf<Item, Copy>(items: ReadonlyMap<string, Item>, copy: (item: Item) => Copy): ReadonlyMap<string, Copy> {
  return new Map([...items].map(([id, item]) => [id, copy(item)]));
}
