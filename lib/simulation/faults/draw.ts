/**
 * The faults of a run, drawn before it begins. Each run draws its own mix first (swarm testing: Groce et al., ISSTA
 * 2012): some kinds are missing altogether, others come many times as often, and so meet each other.
 */
import { zoneOf } from '../world/cluster';
import { SERVICES } from '../world/weather';
import type { Dice } from '../kernel/random';
import { YEAR_MS, type Scenario } from '../scenario';
import type { Fault, FaultKind, ScheduledFault } from './fault';
import { RATES } from './rates';

/** Faults are of the region: whoever watches from fewer zones meets the same ones. */
const ZONES = ['a', 'b', 'c'].map(zoneOf);

interface Places {
  nodeIds: string[];
  zones: string[];
  vipIds: string[];
}

/** A deployment settles before anything befalls it. */
const BEGIN_MS = 10 * 60_000;
/** So many faults bring another one with them, while the first is still being dealt with. */
const COMPANION = { chance: 0.3, meanDelayMs: 45_000 };
/** Where it strikes a holder. */
const MOVES_A_VIP: ReadonlySet<FaultKind> = new Set(['crash', 'freeze', 'sip-stuck', 'fall-into-standby', 'host']);
const MINUTE_MS = 60_000;

export function drawFaults(scenario: Scenario, dice: Dice): ScheduledFault[] {
  if (scenario.faultScale <= 0) return [];
  const places = placesOf(scenario);
  const { faultKinds } = scenario;
  const mix = dice.fork('mix');
  const weights = (Object.keys(RATES) as FaultKind[])
    .map((kind): [FaultKind, number] => [kind, mix.chance(0.3) ? 0 : 2 ** mix.between(-1, 1.6)])
    .filter(([kind]) => faultKinds === undefined || faultKinds.includes(kind));
  const faults = weights.flatMap(([kind, weight]) => drawKind(kind, weight, scenario, places, dice.fork(kind)));
  return withCompanions(faults, weights, scenario, places, dice.fork('companions')).sort(
    (one, other) => one.atMs - other.atMs,
  );
}

function placesOf({ shape }: Scenario): Places {
  return {
    nodeIds: shape.nodeZones.map((_, index) => `fs-${index + 1}`),
    zones: ZONES,
    vipIds: Array.from({ length: shape.vips }, (_, index) => `vip-${index + 1}`),
  };
}

function drawKind(
  kind: FaultKind,
  weight: number,
  { durationMs, faultScale, shape }: Scenario,
  places: Places,
  dice: Dice,
): ScheduledFault[] {
  const { perYear, per } = RATES[kind];
  const times = { node: shape.nodeZones.length, zone: ZONES.length, cluster: 1, path: 0 };
  times.path = times.node * times.zone;
  const rate = perYear * times[per] * weight * faultScale;
  const faults: ScheduledFault[] = [];
  if (rate <= 0) return faults;
  let atMs = BEGIN_MS + dice.exponential(YEAR_MS / rate);
  for (; atMs < durationMs; atMs += dice.exponential(YEAR_MS / rate)) {
    faults.push({ atMs: Math.round(atMs), fault: drawFault(kind, places, dice) });
  }
  return faults;
}

function withCompanions(
  faults: readonly ScheduledFault[],
  weights: readonly [FaultKind, number][],
  { durationMs }: Scenario,
  places: Places,
  streams: Dice,
): ScheduledFault[] {
  const companions = faults.flatMap(({ atMs, fault }): ScheduledFault[] => {
    // A stream of its own for each, so that one fault more or less leaves the others as they are.
    const dice = streams.fork(`${fault.kind}@${atMs}`);
    // What is to end a convergence, or to hold it up, needs one.
    const aims = fault.kind === 'functions-frozen' || (fault.kind === 'functions-killed' && fault.name !== 'observer');
    if (!dice.chance(COMPANION.chance) && !aims) return [];
    const laterMs = Math.round(atMs + dice.exponential(COMPANION.meanDelayMs));
    const kinds = aims ? weights.filter(([each]) => MOVES_A_VIP.has(each)) : weights;
    if (kinds.length === 0) return [];
    const kind = dice.weighted(kinds.map(([each, weight]) => [each, weight + 0.05]));
    return laterMs < durationMs ? [{ atMs: laterMs, fault: drawFault(kind, places, dice) }] : [];
  });
  return [...faults, ...companions];
}

/** One fault of a kind: where, and for how long. */
function drawFault(kind: FaultKind, { nodeIds, zones, vipIds }: Places, dice: Dice): Fault {
  const minutes = (mean: number): number =>
    Math.round(Math.min(dice.exponential(mean * MINUTE_MS), 6 * mean * MINUTE_MS));
  const nodeId = dice.pick(nodeIds);
  const zone = dice.pick(zones);
  switch (kind) {
    case 'crash':
    case 'fall-into-standby':
    case 'stopped-gracefully':
      return { kind, nodeId };
    case 'no-restart':
      return { kind, nodeId, forMs: minutes(10) };
    case 'crash-loop':
      // From before it is up to long after it was reinstated.
      return { kind, nodeId, afterMs: Math.round(1_000 * 2 ** dice.between(0, 7)), forMs: minutes(10) };
    case 'freeze':
      // Some hangs are moments: they must not cost a failover that was not worth it.
      return { kind, nodeId, forMs: dice.chance(0.3) ? Math.round(dice.between(200, 8_000)) : minutes(20) };
    case 'sip-stuck': {
      const forMs = dice.chance(0.3) ? Math.round(dice.between(200, 8_000)) : minutes(20);
      return { kind, nodeId, forMs, ...(vipIds.length > 1 && dice.chance(0.5) && { vipId: dice.pick(vipIds) }) };
    }
    case 'busy':
    case 'switch-paused':
    case 'rejects':
    case 'esl-closed':
    case 'esl-hangs':
    case 'database-cut':
      return { kind, nodeId, forMs: minutes(15) };
    case 'clock-behind':
    case 'clock-ahead':
      return { kind, nodeId, byMs: Math.round(dice.between(500, 20_000)), forMs: minutes(60) };
    case 'host':
      return { kind, nodeId, forMs: minutes(30) };
    case 'zone':
      return { kind, zone, forMs: minutes(40) };
    case 'isolation':
      return { kind, zone, forMs: dice.chance(0.5) ? Math.round(dice.between(1_000, 20_000)) : minutes(10) };
    case 'node-cut':
      return { kind, nodeId, forMs: dice.chance(0.5) ? Math.round(dice.between(500, 10_000)) : minutes(10) };
    case 'path-cut':
      return { kind, zone, nodeId, forMs: dice.chance(0.5) ? Math.round(dice.between(1_000, 20_000)) : minutes(10) };
    case 'one-way': {
      const lost = dice.pick(['there', 'back'] as const);
      const forMs = dice.chance(0.5) ? Math.round(dice.between(1_000, 20_000)) : minutes(10);
      return { kind, zone: dice.chance(0.5) ? null : zone, nodeId, lost, forMs };
    }
    case 'delay':
      // From what is hardly felt to what no probe waits for.
      return {
        kind,
        zone: dice.chance(0.3) ? null : zone,
        nodeId,
        byMs: Math.round(20 * 2 ** dice.between(0, 6)),
        forMs: minutes(10),
      };
    case 'database-away':
    case 'database-slow':
      return { kind, forMs: minutes(2) };
    case 'storm':
      return { kind, service: dice.pick(SERVICES), share: dice.between(0.1, 0.7), forMs: minutes(10) };
    case 'service-away':
      return { kind, service: dice.pick(SERVICES), forMs: minutes(20) };
    case 'stale-reads':
      return { kind, staleMs: Math.round(dice.between(200, 5_000)), forMs: minutes(15) };
    case 'functions-killed':
      return { kind, name: dice.pick(['failover', 'observer', 'node-control']), times: 1 + dice.below(4) };
    case 'functions-frozen':
      return { kind, name: dice.pick(['failover', 'node-control']), forMs: Math.round(dice.between(500, 60_000)) };
    case 'observer-frozen':
      return { kind, zone, forMs: Math.round(dice.between(500, 20_000)) };
    case 'clock-stepped':
      return { kind, zone, byMs: Math.round(dice.between(-20_000, 20_000)) };
    case 'instance-stopped':
      return { kind, nodeId, forMs: minutes(20) };
    case 'address-moved':
      return { kind, vipId: dice.pick(vipIds), toNodeId: nodeId };
    case 'deploy':
      return { kind };
    case 'switchover':
      return { kind, vipId: dice.pick(vipIds) };
    case 'drain':
      return { kind, vipId: dice.pick(vipIds), forMs: minutes(1) };
    case 'paused': {
      const subject = dice.pick(['cluster', 'vip', 'node'] as const);
      const id = subject === 'vip' ? dice.pick(vipIds) : subject === 'node' ? nodeId : 'cluster';
      return { kind, subject, id, forMs: minutes(20), withWindow: dice.chance(0.5) };
    }
    case 'table-restored':
      return { kind, olderByMs: minutes(120) };
  }
}
