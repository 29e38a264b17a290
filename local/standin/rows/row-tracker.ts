import type { CallObserver } from '../calls';
import type { Leg } from '../leg';
import { rowOf, type Writer } from '../recovery-row';
import type { CallRows } from './row-store';
import type { WriteQueue } from './write-queue';

/** FACTS 3: 0.05 to 0.22 s from the answer to the row. A crash inside that time loses the call. */
export const ROW_AFTER_MS = 135;

/** Keeps one row for each answered leg, as a profile with `track-calls` does. */
export class RowTracker implements CallObserver {
  constructor(
    private readonly rows: CallRows,
    private readonly queue: WriteQueue,
    private readonly writer: Writer,
  ) {}

  answered(leg: Leg): void {
    this.queue.push(() => this.rows.insertLeg(rowOf(leg, this.writer)));
  }

  changed(leg: Leg): void {
    this.queue.push(() => this.rows.updateLeg(leg.uuid, rowOf(leg, this.writer).metadata));
  }

  ended(leg: Leg): void {
    if (leg.answered) this.queue.push(() => this.rows.deleteLeg(leg.uuid));
  }
}
