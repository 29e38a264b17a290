/** A moment of a test, and what happened since: pages, calls, what the caller saw. */
import type { CallRecord } from '../../../local/emulator/faults';
import type { CallerView, Notification } from '../../../local/demo/facts';
import type { World } from '../../../local/demo/world';

export class Moment {
  /** Epoch milliseconds. */
  readonly atMs = Date.now();

  constructor(private readonly world: World) {}

  /** Messages of the control plane itself, without CloudWatch's alarms. */
  pages(): Notification[] {
    return this.world.phone.since(this.atMs).filter((each) => each.kind === 'page');
  }

  /** Calls that were applied, whether their answer arrived or not. */
  applied(service: string, action: string): CallRecord[] {
    return this.calls(service, action).filter((call) => call.status >= 200 && call.status < 300);
  }

  calls(service: string, action: string): CallRecord[] {
    return this.world.emulator.faults.callsOf(service, action).filter((call) => call.atMs >= this.atMs);
  }

  caller(): CallerView {
    return this.world.street.callerView(this.atMs);
  }
}
