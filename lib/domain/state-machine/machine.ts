/**
 * A state machine as data. The code does not run on it: decisions, convergence and the store's conditions bring the
 * changes about. The table says which of them there are, so that a test, the simulator and a reader can hold the code
 * against it.
 */
import type { StateStore } from '../state-store';

export type Actor = 'observer or minute schedule' | 'failover function' | 'operator' | 'registrar' | 'time';

/** How an edge comes to be taken; a test shows that the module is there and makes the call. */
export interface Way {
  when: string;
  actor: Actor;
  /** What takes the edge: a method of the store writes it. The end of a maintenance window is only read. */
  calls: keyof StateStore | 'isPaused';
  /** The module that makes the call. */
  in: string;
}

export interface Edge<State extends string, Event extends string> {
  /** null: the item is new. */
  from: State | null;
  on: Event;
  to: State;
  ways: readonly [Way, ...Way[]];
}

export interface StateMeaning {
  means: string;
  /** Why no edge leads out of it; null where one does. */
  final: string | null;
}

export interface Machine<State extends string = string, Event extends string = string> {
  id: string;
  title: string;
  about: string;
  states: Readonly<Record<State, StateMeaning>>;
  /** One edge for each pair of `from` and `on`. */
  edges: readonly Edge<State, Event>[];
}

/** What became of one item between two looks: the id of the edge it took, or why there is no such edge. */
export type EdgeTaken = { edge: string } | { unknown: string };

/** `vip/held/failover`; a new item comes from `new`. */
export function edgeId(machine: Pick<Machine, 'id'>, edge: Pick<Edge<string, string>, 'from' | 'on'>): string {
  return `${machine.id}/${edge.from ?? 'new'}/${edge.on}`;
}

/** The edge of a change that was recognised as `on`; null is a change that no event explains. */
export function lookUp<State extends string, Event extends string>(
  machine: Machine<State, Event>,
  from: State | null,
  on: Event | null,
  to: State,
): EdgeTaken {
  const edge = machine.edges.find((each) => each.from === from && each.on === on && each.to === to);
  return edge === undefined
    ? { unknown: `${machine.id}: ${from ?? 'new'} to ${to} on ${on ?? 'no event of the table'}` }
    : { edge: edgeId(machine, edge) };
}
