/** Checks the invariants of a run where they can break, and keeps its books. */
import type { StateStore } from '../domain/ports';
import type { VipState } from '../domain/model';
import { CHANGING_CALLS, edgesTaken, photograph, type Photograph } from '../domain/state-machine';
import { CallBook } from './call-book';
import type { Fault } from './faults/fault';
import { IncidentBook } from './incident-book';
import { ADDRESS_INVARIANT, NAME_INVARIANT, ON_ITS_WAY_MS } from './invariants/addresses';
import { LEDGER_INVARIANT, PLANNED_MOVE_INVARIANT } from './invariants/calls';
import { DECISION_INVARIANTS, startsBlock } from './invariants/decisions';
import { isOff, LIVENESS_INVARIANTS } from './invariants/liveness';
import { LOST_PAGE_INVARIANT, SERVED_PAGE_INVARIANT } from './invariants/pages';
import { STORE_INVARIANT } from './invariants/store';
import { REST_INVARIANTS, STATE_INVARIANTS, TABLE_INVARIANTS } from './invariants/states';
import { EPOCH_MS } from './kernel/kernel';
import type { Process } from './kernel/process';
import { Record } from './record';
import { VIOLATION_WORD, type Violation } from './results';
import type { World } from './world/world';

/** After so many a run has said what it has to say. */
const ENOUGH = 5;

export class Watcher {
  readonly violations: Violation[] = [];
  readonly edges = new Set<string>();
  readonly record: Record;
  private readonly calls: CallBook;
  private readonly incidents: IncidentBook;
  pages = 0;
  /** Transitions, and when they were decided: process time. */
  private readonly known = new Map<string, number>();
  /** Automatic failovers: elapsed time. */
  private failovers: { vipId: string; nodeId: string; atMs: number; decidedAtMs: number }[] = [];
  private before: Photograph;
  private calmSinceMs = 0;
  private fairSinceMs = 0;
  private onSinceMs = 0;
  private offSinceMs = 0;
  /** When the store was last in trouble, and nothing else: elapsed time. */
  private storeAloneAtMs = Number.NEGATIVE_INFINITY;
  private replacedAtMs = Number.NEGATIVE_INFINITY;
  private neverRests = false;
  /** By VIP, and `-` for what is no VIP's alone: when it was last paged, in elapsed time. */
  private readonly pagedAtMs = new Map<string, number>();

  constructor(private readonly world: World) {
    this.record = new Record(world);
    this.calls = new CallBook(world, (vipId) => this.record.lastCallsOf(vipId));
    this.incidents = new IncidentBook(world);
    this.before = this.states();
    world.listener = {
      tableChanged: (method, by) => this.tableChanged(method, by),
      associated: (allocationId, byHand) => {
        if (!byHand && this.knowsEpochs())
          this.note(ADDRESS_INVARIANT.invariant, ADDRESS_INVARIANT.broken(world, allocationId, this.known));
      },
      named: (name) => {
        if (this.knowsEpochs()) this.note(NAME_INVARIANT.invariant, NAME_INVARIANT.broken(world, name, this.known));
      },
      paged: (message) => {
        this.pages += 1;
        // That callers are served tells of no outage.
        if (message.attributes.served !== 'yes')
          this.pagedAtMs.set(message.attributes.vip ?? '-', world.kernel.elapsedMs);
        this.incidents.paged(message);
        const { invariant, broken } = SERVED_PAGE_INVARIANT;
        this.note(
          invariant,
          broken(message, (vipId) => this.record.notServedForMs(vipId)),
        );
      },
    };
  }

  /** What was under way when the table was replaced belongs to epochs that it does not know. */
  private knowsEpochs(): boolean {
    return this.world.kernel.elapsedMs - this.replacedAtMs > ON_ITS_WAY_MS;
  }

  get enough(): boolean {
    return this.neverRests || this.violations.length >= ENOUGH;
  }

  /** A fault befalls the run: before it strikes. */
  struck(fault: Fault): void {
    this.calls.struck(fault);
  }

  /** After each instant. */
  instant(): void {
    this.record.instant();
    this.calls.instant();
    for (const lost of this.calls.lostByPlan()) this.note(PLANNED_MOVE_INVARIANT.invariant, lost);
    for (const { invariant, broken } of STATE_INVARIANTS) this.note(invariant, broken(this.world));
  }

  /** Once a second. */
  second(): void {
    const { kernel } = this.world;
    const off = isOff(this.world);
    if (off) this.onSinceMs = kernel.elapsedMs;
    else this.offSinceMs = kernel.elapsedMs;
    if (!this.world.isUndisturbed() || off) this.calmSinceMs = kernel.elapsedMs;
    if (!this.world.weather.isFair()) this.fairSinceMs = kernel.elapsedMs;
    this.noteStore();
    const patience = {
      onForMs: kernel.elapsedMs - this.onSinceMs,
      offForMs: kernel.elapsedMs - this.offSinceMs,
      fairForMs: kernel.elapsedMs - this.fairSinceMs,
      calmForMs: kernel.elapsedMs - this.calmSinceMs,
      unservedForMs: this.record.unservedForMs(),
      splitForMs: this.record.splitForMs(),
      pagedAtMs: (vipId: string) => Math.max(...[vipId, '-'].map((of) => this.pagedAtMs.get(of) ?? -Infinity)),
    };
    for (const { invariant, broken, endsRun } of LIVENESS_INVARIANTS) {
      const found = broken(this.world, patience);
      this.note(invariant, found);
      if (found !== null && endsRun === true) this.neverRests = true;
    }
    this.record.readLedgers();
  }

  /** All is at rest, or was while quiet time was skipped: patience begins anew, and the past has moved away. */
  rested(): void {
    for (const { invariant, broken } of REST_INVARIANTS) this.note(invariant, broken(this.world));
    this.before = this.states();
    this.calmSinceMs = this.world.kernel.elapsedMs;
    this.offSinceMs = this.world.kernel.elapsedMs;
  }

  /** A table from a backup: what was known of it before says nothing any more. */
  replaced(): void {
    this.calls.replaced();
    this.incidents.replaced();
    this.before = this.states();
    this.replacedAtMs = this.world.kernel.elapsedMs;
    this.failovers = [];
    this.calmSinceMs = this.world.kernel.elapsedMs;
  }

  private tableChanged(method: keyof StateStore, by: Process): void {
    for (const lost of this.incidents.tableChanged()) this.note(LOST_PAGE_INVARIANT.invariant, lost);
    if (method === 'recordCalls') {
      for (const wrong of this.calls.wrongLedgers()) this.note(LEDGER_INVARIANT.invariant, wrong);
    }
    // No edge of a machine, and yet a decision is judged by it: a block ends with the acknowledgement.
    if (method === 'acknowledge') this.before = this.states();
    if (!CHANGING_CALLS.has(method)) return;
    const before = this.before;
    const after = this.states();
    this.before = after;
    const { edges, unknown } = edgesTaken(before, after);
    if (edges.length === 0 && unknown.length === 0) return;
    for (const edge of edges) this.edges.add(edge);
    for (const change of unknown)
      this.note('the tables of the state machines have every change', `${method}: ${change}`);
    if (method === 'decide') this.decided(before, by);
    for (const { invariant, broken } of TABLE_INVARIANTS) this.note(invariant, broken(this.world));
    this.world.backUp();
  }

  private decided({ vips }: { vips: ReadonlyMap<string, VipState> }, by: Process): void {
    for (const transition of this.world.table.transitions.values()) {
      if (this.known.has(transition.id)) continue;
      this.known.set(transition.id, this.world.kernel.nowMs);
      const before = vips.get(transition.vipId);
      if (before === undefined) continue;
      const { id, kind, cause, from, to } = transition;
      this.world.say(`decided ${id} ${kind} ${cause}: ${from?.nodeId ?? 'nobody'} -> ${to.nodeId} by ${by.name}`);
      this.calls.decided(transition, before);
      const isFalse = this.record.decided(transition, before);
      const nowMs = this.world.kernel.elapsedMs;
      this.noteStore();
      this.note(STORE_INVARIANT.invariant, STORE_INVARIANT.broken(id, isFalse, nowMs - this.storeAloneAtMs));
      const failovers = this.failovers.map(({ atMs, ...left }) => ({ ...left, agoMs: nowMs - atMs }));
      const made = { transition, before, failovers };
      for (const { invariant, broken } of DECISION_INVARIANTS) this.note(invariant, broken(made, this.world));
      if (from !== null && startsBlock(transition, this.world.table))
        this.failovers.push({
          vipId: transition.vipId,
          nodeId: from.nodeId,
          atMs: nowMs,
          decidedAtMs: transition.decidedAtMs,
        });
    }
  }

  private noteStore(): void {
    if (this.world.isStoreAloneInTrouble()) this.storeAloneAtMs = this.world.kernel.elapsedMs;
  }

  private note(invariant: string, detail: string | null): void {
    if (detail === null || this.violations.some((each) => each.invariant === invariant)) return;
    this.world.say(`${VIOLATION_WORD} ${invariant}: ${detail}`);
    this.violations.push({ invariant, atMs: this.world.kernel.elapsedMs, detail });
  }

  private states(): Photograph {
    return photograph(this.world.table, EPOCH_MS + this.world.kernel.nowMs);
  }
}
