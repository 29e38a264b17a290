/** What a fault strikes, as far as it can cost a planned move its calls. */
import { assertNever, type Topology } from '../../domain/model';
import type { Fault } from '../faults/fault';

export interface Struck {
  nodeIds: readonly string[];
  /**
   * At once, however short it is: they hang up their calls and delete the rows, number them ahead of every other clock,
   * so that none can be taken up, or number what they take up behind, so that no peer answers.
   */
  losesCalls: 'hung-up' | 'numbered-ahead' | 'numbered-behind' | null;
  database: boolean;
  /** What a move cannot be carried on without: the table, EC2, the functions that converge, a human who lets them. */
  controlPlane: boolean;
}

/** A fault that befell a run, and until when it lasts: elapsed time. */
export interface Strike extends Struck {
  atMs: number;
  untilMs: number;
}

export function strikeOf(fault: Fault, topology: Topology, atMs: number): Strike {
  return { ...struckBy(fault, topology), atMs, untilMs: atMs + ('forMs' in fault ? fault.forMs : 0) };
}

/** Neither a node that could have the calls nor what they are taken up by: whatever changes meanwhile keeps them. */
export function costsNoCall(fault: Fault): boolean {
  return struckBy(fault, { nodes: [] }) === NOTHING;
}

const NOTHING: Struck = { nodeIds: [], losesCalls: null, database: false, controlPlane: false };
const CONTROL_PLANE: Struck = { ...NOTHING, controlPlane: true };

function struckBy(fault: Fault, { nodes }: Pick<Topology, 'nodes'>): Struck {
  switch (fault.kind) {
    case 'crash':
    case 'no-restart':
    case 'crash-loop':
    case 'freeze':
    case 'sip-stuck':
    case 'fall-into-standby':
    case 'busy':
    case 'switch-paused':
    case 'rejects':
    case 'esl-closed':
    case 'esl-hangs':
    case 'database-cut':
    case 'host':
    case 'node-cut':
    case 'instance-stopped':
      return { ...NOTHING, nodeIds: [fault.nodeId] };
    case 'stopped-gracefully':
      return { ...NOTHING, nodeIds: [fault.nodeId], losesCalls: 'hung-up' };
    case 'clock-ahead':
      return { ...NOTHING, nodeIds: [fault.nodeId], losesCalls: 'numbered-ahead' };
    case 'clock-behind':
      return { ...NOTHING, nodeIds: [fault.nodeId], losesCalls: 'numbered-behind' };
    case 'one-way':
    case 'delay':
      // Of one zone: orders come from another one.
      return fault.zone === null ? { ...NOTHING, nodeIds: [fault.nodeId] } : NOTHING;
    case 'zone':
    case 'isolation':
      return { ...NOTHING, nodeIds: nodes.filter(({ zone }) => zone === fault.zone).map(({ id }) => id) };
    case 'database-away':
    case 'database-slow':
      return { ...NOTHING, database: true };
    case 'storm':
    case 'service-away':
      // Names and pages are beside the calls.
      return fault.service === 'route53' || fault.service === 'sns' ? NOTHING : CONTROL_PLANE;
    case 'functions-killed':
    case 'functions-frozen':
      return fault.name === 'observer' ? NOTHING : CONTROL_PLANE;
    case 'stale-reads':
    case 'paused':
    case 'table-restored':
      return CONTROL_PLANE;
    case 'path-cut':
    case 'observer-frozen':
    case 'clock-stepped':
    case 'address-moved':
    case 'deploy':
    case 'switchover':
    case 'drain':
      return NOTHING;
    default:
      return assertNever(fault);
  }
}
