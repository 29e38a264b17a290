/** The nodes and their shared database, as the functions of each zone reach them. */
import { SimCallDatabase } from '../freeswitch/call-database';
import { SimDatabase, type DatabaseVerdict } from '../freeswitch/database';
import type { Route } from '../freeswitch/exchange';
import { nodeOrders } from '../freeswitch/orders';
import { SimProbe } from '../freeswitch/probe';
import { SimSwitch } from '../freeswitch/switch';
import type { Kernel } from '../kernel/kernel';
import type { Process } from '../kernel/process';
import type { Dice } from '../kernel/random';
import type { Scenario } from '../scenario';
import { requestOf, instancesOf } from './cluster';
import type { NodeSide } from './control-plane';
import type { Network, Place } from './network';

/** Clusters whose nodes were there before us: SIP of a holder answers nothing while their database hangs (FACTS 8.6). */
const ADOPTED_SHARE = 0.25;

export interface NodeWorldDeps {
  scenario: Scenario;
  kernel: Kernel;
  dice: Dice;
  network: Network;
}

export class NodeWorld {
  readonly side: NodeSide;
  readonly database: SimDatabase | null;
  private readonly switches = new Map<string, SimSwitch>();
  private readonly places = new Map<string, Place>();
  private readonly isAdopted: boolean;
  private troubledSinceMs = 0;
  private recoveriesSeen = 0;
  private readonly rebuilt = new Set<string>();

  constructor(private readonly deps: NodeWorldDeps) {
    const { scenario, kernel, dice, network } = deps;
    const request = requestOf(scenario, 'v0');
    const instances = instancesOf(scenario);
    const roles = request.nodes.flatMap(({ databaseRole }) => databaseRole ?? []);
    this.database = request.database === null ? null : new SimDatabase(kernel, roles);
    this.isAdopted = this.database !== null && dice.fork('adopted').chance(ADOPTED_SHARE);
    const vips = request.vips.map((vip) => ({ ...vip, elasticIp: null, firstHolder: null, manualOnly: [] }));
    for (const [index, { id, zone, databaseRole }] of request.nodes.entries()) {
      const addresses = instances[index]?.secondaryAddresses ?? [];
      const vipAddresses = Object.fromEntries(vips.map((vip, position) => [vip.id, addresses[position] ?? '']));
      const place = { id, zone };
      const fs = new SimSwitch({
        kernel,
        dice: dice.fork(id),
        node: { id, databaseRole, vipAddresses },
        vips,
        database: this.database,
        reachesDatabase: () => network.isOnline(zone) && network.callersReach(place),
      });
      fs.startProcess();
      this.switches.set(id, fs);
      this.places.set(id, place);
    }
    this.side = this.makeSide();
  }

  switchOf(nodeId: string): SimSwitch {
    const found = this.switches.get(nodeId);
    if (found === undefined) throw new Error(`the simulation has no node ${nodeId}`);
    return found;
  }

  databaseIsWell(): boolean {
    return this.database === null || this.database.verdict === 'ok';
  }

  isCalm(): boolean {
    return [...this.switches.values()].every((fs) => fs.isQuiet && fs.state === 'up');
  }

  /** @param silencesSip left out: as it is with the nodes of this cluster */
  setDatabase(verdict: DatabaseVerdict, silencesSip = this.isAdopted): void {
    if (this.databaseTroublesNobody()) this.troubledSinceMs = this.deps.kernel.nowMs;
    this.database?.become(verdict, silencesSip);
  }

  /** Until SIP waits for it no more. 0: it is well. */
  databaseTroubleForMs(): number {
    return this.databaseTroublesNobody() ? 0 : this.deps.kernel.nowMs - this.troubledSinceMs;
  }

  private databaseTroublesNobody(): boolean {
    return this.databaseIsWell() && this.database?.silencesSip() !== true;
  }

  /** Of the recoveries since the last question the first that should not have been, in words; null when all were right. */
  nextWrongRecovery(): string | null {
    const recoveries = this.database?.recoveries ?? [];
    for (; this.recoveriesSeen < recoveries.length; this.recoveriesSeen += 1) {
      const each = recoveries[this.recoveriesSeen];
      if (each === undefined) break;
      const key = `${each.transitionId}/${each.leg}/${each.ownCoreUuid}`;
      // FreeSWITCH makes no second session with a uuid that it has: such a leg was asked for and not rebuilt.
      const twice = !each.livedAlready && this.rebuilt.has(key);
      if (!each.livedAlready) this.rebuilt.add(key);
      if (!twice && (!each.ownerWasAlive || each.ownerWasLocked)) continue;
      this.recoveriesSeen += 1;
      const why = twice ? 'was rebuilt a second time' : 'was rebuilt while its owner could still write';
      return `${each.leg} of ${each.coreUuidOfRows} ${why} by ${each.ownCoreUuid} under ${each.transitionId ?? 'nothing'}`;
    }
    return null;
  }

  private makeSide(): NodeSide {
    const { network, dice } = this.deps;
    const routeFrom = (zone: string): Route => ({
      carries: (nodeId, direction) => network.carries(zone, this.placeOf(nodeId), direction),
      delayMs: (nodeId) => network.delayMs(zone, this.placeOf(nodeId)),
    });
    const databaseFor = (process: Process, zone: string): SimCallDatabase | null =>
      this.database === null
        ? null
        : new SimCallDatabase({
            database: this.database,
            process,
            dice: dice.fork(process.name),
            reach: () => network.isOnline(zone),
          });
    return {
      probe: (process, zone, node) =>
        new SimProbe({
          node: this.switchOf(node.id),
          process,
          dice: dice.fork(`${process.name}>${node.id}`),
          path: { lost: () => network.loses(zone, node.id) },
          route: routeFrom(zone),
        }),
      ordersIn: (process, zone) =>
        nodeOrders({
          process,
          dice: dice.fork(process.name),
          switches: this.switches,
          route: routeFrom(zone),
          database: databaseFor(process, zone),
        }),
      askDatabase: (process, zone) => {
        const database = databaseFor(process, zone);
        return database === null ? null : (timeoutMs) => database.probe(timeoutMs);
      },
    };
  }

  private placeOf(nodeId: string): Place {
    const place = this.places.get(nodeId);
    if (place === undefined) throw new Error(`the simulation has no node ${nodeId}`);
    return place;
  }
}
