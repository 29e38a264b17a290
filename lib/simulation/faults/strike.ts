/** Lets a fault strike the world, and ends it when its time is over. */
import { assertNever } from '../../domain/model';
import type { SimSwitch } from '../freeswitch/switch';
import { drainByHand } from '../world/drain-by-hand';
import type { World } from '../world/world';
import type { Fault } from './fault';

/** Between two kills of a series: somewhere in the work of the one that came after. */
const KILLED_AGAIN_WITHIN_MS = 4_000;

/** @param hasStruck called once, as soon as the fault has met something that it could strike; never where it has not */
export function strike(world: World, fault: Fault, hasStruck: () => void = () => undefined): void {
  if (meets(world, fault)) hasStruck();
  const { network, weather, ec2, functions, kernel, dice } = world;
  /** What is still on when the same kind strikes again ends with the later of the two. */
  const lasting = (
    key: string,
    forMs: number,
    begin: () => void,
    end: () => void,
    isOn: () => boolean = () => true,
  ): void => {
    const strikes = (world.active.get(key)?.strikes ?? 0) + 1;
    world.active.set(key, { strikes, isOn });
    begin();
    kernel.onDate(kernel.elapsedMs + forMs, () => {
      const now = world.active.get(key);
      if (now === undefined) return;
      now.strikes -= 1;
      if (now.strikes > 0) return;
      world.active.delete(key);
      end();
    });
  };
  /** What ails a process is over when that process has gone. */
  const whileItRuns = (fs: SimSwitch): (() => boolean) => {
    const struck = fs.process;
    return () => struck !== null && fs.process === struck;
  };
  switch (fault.kind) {
    case 'crash':
      return world.switchOf(fault.nodeId).crash();
    case 'no-restart': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `no-restart ${fault.nodeId}`,
        fault.forMs,
        () => {
          fs.supervised = false;
          fs.crash();
        },
        () => {
          fs.supervised = true;
          fs.startProcess();
        },
      );
    }
    case 'crash-loop': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `crash-loop ${fault.nodeId}`,
        fault.forMs,
        () => {
          fs.livesForMs = fault.afterMs;
          fs.crash();
        },
        () => {
          fs.livesForMs = null;
        },
      );
    }
    case 'freeze': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `freeze ${fault.nodeId}`,
        fault.forMs,
        () => fs.freeze(),
        () => fs.thaw(),
        whileItRuns(fs),
      );
    }
    case 'sip-stuck': {
      const { nodeId, vipId = null } = fault;
      const fs = world.switchOf(nodeId);
      return lasting(
        `sip-stuck ${nodeId} ${vipId}`,
        fault.forMs,
        () => fs.stickSip(vipId),
        () => fs.unstickSip(vipId),
        whileItRuns(fs),
      );
    }
    case 'fall-into-standby': {
      const fs = world.switchOf(fault.nodeId);
      for (const { id } of world.topology?.vips ?? []) fs.fallIntoStandby(id);
      return;
    }
    case 'busy': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `busy ${fault.nodeId}`,
        fault.forMs,
        () => fs.setBusy(true),
        () => fs.setBusy(false),
        whileItRuns(fs),
      );
    }
    case 'switch-paused': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `switch-paused ${fault.nodeId}`,
        fault.forMs,
        () => fs.setPaused(true),
        () => fs.setPaused(false),
        whileItRuns(fs),
      );
    }
    case 'rejects': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `rejects ${fault.nodeId}`,
        fault.forMs,
        () => fs.rejectEsl(true),
        () => fs.rejectEsl(false),
      );
    }
    case 'esl-closed':
    case 'esl-hangs': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `event socket ${fault.nodeId}`,
        fault.forMs,
        () => fs.ailEsl(fault.kind === 'esl-closed' ? 'closed' : 'hangs'),
        () => fs.ailEsl(null),
        whileItRuns(fs),
      );
    }
    case 'database-cut': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `database of ${fault.nodeId}`,
        fault.forMs,
        () => fs.cutFromDatabase(true),
        () => fs.cutFromDatabase(false),
      );
    }
    case 'clock-behind':
    case 'clock-ahead': {
      const fs = world.switchOf(fault.nodeId);
      return lasting(
        `clock ${fault.nodeId}`,
        fault.forMs,
        () => fs.setClockOffset(fault.kind === 'clock-ahead' ? fault.byMs : -fault.byMs),
        () => fs.setClockOffset(0),
      );
    }
    case 'host':
      return lasting(
        `host ${fault.nodeId}`,
        fault.forMs,
        () => world.loseHost(fault.nodeId),
        () => world.repairHost(fault.nodeId),
        // Or started elsewhere by then.
        () => world.isHostLost(fault.nodeId),
      );
    case 'zone':
      return lasting(
        `zone ${fault.zone}`,
        fault.forMs,
        () => world.darkenZone(fault.zone),
        () => world.lightenZone(fault.zone),
      );
    case 'isolation':
      return lasting(
        `isolation ${fault.zone}`,
        fault.forMs,
        () => network.isolate(fault.zone),
        () => network.rejoin(fault.zone),
      );
    case 'node-cut':
      return lasting(
        `node-cut ${fault.nodeId}`,
        fault.forMs,
        () => network.cutNode(fault.nodeId),
        () => network.joinNode(fault.nodeId),
      );
    case 'path-cut':
      return lasting(
        `path-cut ${fault.zone} ${fault.nodeId}`,
        fault.forMs,
        () => network.cutPath(fault.zone, fault.nodeId),
        () => network.joinPath(fault.zone, fault.nodeId),
      );
    case 'one-way':
      return lasting(
        `one-way ${fault.zone} ${fault.nodeId} ${fault.lost}`,
        fault.forMs,
        () => network.breakOneWay(fault.zone, fault.nodeId, fault.lost),
        () => network.mendOneWay(fault.zone, fault.nodeId, fault.lost),
      );
    case 'delay':
      return lasting(
        `delay ${fault.zone} ${fault.nodeId}`,
        fault.forMs,
        () => network.delay(fault.zone, fault.nodeId, fault.byMs),
        () => network.hasten(fault.zone, fault.nodeId),
      );
    case 'database-away':
    case 'database-slow': {
      const verdict = fault.kind === 'database-away' ? 'away' : 'slow';
      return lasting(
        'database',
        fault.forMs,
        () => world.setDatabase(verdict, fault.silencesSip),
        () => world.setDatabase('ok'),
      );
    }
    case 'storm': {
      const share = fault.share / 4;
      const storm = { throttled: share, fails: share, timesOut: share, answerLost: share };
      return lasting(
        `storm ${fault.service}`,
        fault.forMs,
        () => weather.begin(fault.service, storm),
        () => weather.end(fault.service),
      );
    }
    case 'service-away':
      return lasting(
        `away ${fault.service}`,
        fault.forMs,
        () => weather.takeAway(fault.service),
        () => weather.bringBack(fault.service),
      );
    case 'stale-reads':
      return lasting(
        'stale-reads',
        fault.forMs,
        () => {
          ec2.staleForMs = fault.staleMs;
        },
        () => {
          ec2.staleForMs = 0;
        },
      );
    case 'functions-killed': {
      let killed = 0;
      for (let time = 0; time < fault.times; time += 1) {
        const delayMs = dice.between(0, KILLED_AGAIN_WITHIN_MS * (time + 1));
        kernel.after(delayMs, () => {
          functions.strikeSoon(fault.name, ({ process }) => {
            process.kill();
            killed += 1;
            if (killed === 1) hasStruck();
          });
        });
      }
      return;
    }
    case 'functions-frozen': {
      let frozen = 0;
      functions.strikeSoon(fault.name, ({ process }) => {
        process.freeze(fault.forMs);
        frozen += 1;
        if (frozen === 1) hasStruck();
      });
      return;
    }
    case 'observer-frozen': {
      for (const { name, process } of functions.running) {
        if (name === `observer-${fault.zone}`) process.freeze(fault.forMs);
      }
      return;
    }
    case 'clock-stepped': {
      for (const { zone, process } of functions.running) {
        if (zone === fault.zone) process.wallOffsetMs += fault.byMs;
      }
      return;
    }
    case 'stopped-gracefully':
      return world.switchOf(fault.nodeId).gracefulStop();
    case 'instance-stopped':
      return lasting(
        `instance ${fault.nodeId}`,
        fault.forMs,
        () => world.people.stopInstance(fault.nodeId),
        () => world.people.startInstance(fault.nodeId),
      );
    case 'address-moved':
      return world.people.moveAddress(fault.vipId, fault.toNodeId);
    case 'deploy':
      return world.controlPlane.deploy();
    case 'switchover':
      return world.people.switchOver(fault.vipId, hasStruck);
    case 'drain':
      return drainByHand(world, fault, hasStruck);
    case 'paused':
      return world.people.pause(fault);
    case 'table-restored':
      if (world.restoreTable(fault.olderByMs)) hasStruck();
      return;
    default:
      return assertNever(fault);
  }
}

/** Whether there is anything to strike now. What strikes functions, switchovers and restores tell it themselves. */
function meets(world: World, fault: Fault): boolean {
  const { ec2, functions, topology } = world;
  switch (fault.kind) {
    case 'crash':
    case 'freeze':
    case 'sip-stuck':
    case 'fall-into-standby':
    case 'busy':
    case 'switch-paused':
    case 'esl-closed':
    case 'esl-hangs':
    case 'stopped-gracefully':
      return world.switchOf(fault.nodeId).process !== null;
    case 'database-cut':
    case 'database-away':
    case 'database-slow':
      return world.nodeWorld.database !== null;
    case 'functions-killed':
    case 'functions-frozen':
    case 'switchover':
    case 'drain':
    case 'table-restored':
      return false;
    case 'observer-frozen':
      return [...functions.running].some(({ name }) => name === `observer-${fault.zone}`);
    case 'clock-stepped':
      return [...functions.running].some(({ zone }) => zone === fault.zone);
    case 'instance-stopped':
      return ec2.instanceOf(fault.nodeId).state === 'running';
    case 'address-moved': {
      const allocationId = topology?.vips.find(({ id }) => id === fault.vipId)?.elasticIp?.allocationId;
      const address = topology?.nodes.find(({ id }) => id === fault.toNodeId)?.vipAddresses[fault.vipId];
      if (allocationId === undefined || address === undefined) return false;
      return ec2.elasticIps.get(allocationId)?.association?.privateAddress !== address;
    }
    default:
      return true;
  }
}
