/** Injects what the demo promises to break. */
import { assertNever } from '../../lib/domain/model';
import type { Fault } from './facts';
import type { Fleet } from './fleet';
import type { Observers } from './observers';

export interface Victim {
  /** The node that holds the VIP. */
  holder: string;
  /** The holder's zone. */
  zone: string;
  /** The VIP's other candidates. */
  standbys: readonly string[];
}

/** Breaks what must be broken before the clock starts: every standby, and until the observers have seen it. */
export async function prepareFault(
  fault: Fault,
  victim: Victim,
  fleet: Fleet,
  seenBroken: (nodeIds: readonly string[]) => Promise<void>,
): Promise<void> {
  if (fault !== 'no-standby') return;
  await Promise.all(victim.standbys.map((nodeId) => fleet.process(nodeId).kill()));
  await seenBroken(victim.standbys);
}

/** The fault itself. */
export async function injectFault(fault: Fault, victim: Victim, fleet: Fleet, observers: Observers): Promise<void> {
  const process = fleet.process(victim.holder);
  switch (fault) {
    case 'kill':
    case 'no-standby':
      return process.kill();
    case 'freeze':
      return process.freeze();
    case 'sip':
      return process.stickSip();
    case 'zone':
      // Silence, not refusals: a process that dies on loopback answers with RST and ICMP, which a dead zone does not.
      await Promise.all([process.freeze({ fillBacklog: true }), observers.stop(victim.zone)]);
      return;
    default:
      return assertNever(fault);
  }
}
