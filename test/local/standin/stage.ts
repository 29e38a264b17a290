import { runApi } from '../../../local/standin/api';
import { type Faults, noFaults } from '../../../local/standin/faults';
import { StandInNode } from '../../../local/standin/node';
import { DEFAULTS, type StandInOptions } from '../../../local/standin/options';
import { StandIn } from '../../../local/standin/process';
import { Calls, ESTABLISHED_MS } from '../../../local/standin/calls';
import { rowOf } from '../../../local/standin/recovery-row';
import { MemoryRows, MemoryTables } from '../../../local/standin/rows/memory-rows';
import { freshAddress } from '../addresses';
import { ManualTime } from './manual-time';

/** The lab that the transcripts were recorded in. */
export const LAB = {
  name: 'fs-pair-a',
  hostname: 'vm',
  password: 's3cret-esl',
  profile: 'external',
  publicAddress: '198.51.100.10',
  serviceAddress: '10.255.0.10',
  realm: 'lab.example',
};

/** Where a recording is played: a stand-in, and a way to let time pass for it. */
export interface Stage {
  readonly management: string;
  readonly sipAddress: string;
  /** Of a stand-in in this process; in another process they have no effect. */
  readonly faults: Faults;
  nowMs(): number;
  /** Lets what is due happen, up to this time of the recording, and the sockets deliver. */
  advanceTo(atMs: number): Promise<void>;
  api(line: string): Promise<string>;
  addCalls(count: number): void;
  /** Another node of the lab had so many calls when it died: their rows are in the shared database. */
  leaveCalls(count: number): void;
  hangUpAll(): void;
  terminate(): void;
  kill(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  hasExited(): boolean;
  close(): Promise<void>;
}

/** Passes of the event loop in which loopback sockets deliver what was written. */
const DELIVERY_PASSES = 4;

async function deliver(): Promise<void> {
  for (let pass = 0; pass < DELIVERY_PASSES; pass++) await new Promise((resolve) => setImmediate(resolve));
}

/** In this process and under manual time: everything but what only the kernel can do to a process. */
export async function stageInProcess(bootedAtMs: number, changes: Partial<StandInOptions>): Promise<Stage> {
  const time = new ManualTime(bootedAtMs);
  const management = freshAddress();
  const sipAddress = freshAddress();
  const tables = new MemoryTables();
  let exited = false;
  const node = new StandInNode(
    {
      ...DEFAULTS,
      ...{
        name: LAB.name,
        switchName: LAB.name,
        hostname: LAB.hostname,
        password: LAB.password,
        realm: LAB.realm,
        management,
      },
      eslPort: 8021,
      sip: [
        {
          vip: 'a',
          address: sipAddress,
          port: 5060,
          profiles: [LAB.profile],
          publicAddress: LAB.publicAddress,
          serviceAddress: LAB.serviceAddress,
        },
      ],
      heartbeatMs: 2_000,
      respond503OnBusy: false,
      standby: 'absent',
      ...changes,
    },
    time,
    () => (exited = true),
    () => (changes.database === undefined ? null : new MemoryRows(tables)),
  );
  await node.boot();
  const unsupported = (): Promise<never> => Promise.reject(new Error('only a process of its own can do this'));
  return {
    management,
    sipAddress,
    faults: node.faults,
    nowMs: () => time.nowMs,
    advanceTo: async (atMs) => {
      time.advanceTo(atMs);
      await deliver();
    },
    api: async (line) => (await runApi(node.system, line)) ?? '',
    addCalls: (count) => node.placeCalls(count, {}),
    leaveCalls: (count) => leaveCalls(tables, count, time.wallMs()),
    hangUpAll: () => node.system.calls.endAll(),
    terminate: () => node.terminate(),
    kill: unsupported,
    freeze: unsupported,
    thaw: unsupported,
    hasExited: () => exited,
    close: () => {
      if (!exited) node.exit();
      return Promise.resolve();
    },
  };
}

function leaveCalls(tables: MemoryTables, count: number, wallMs: number): void {
  const address = { localIp: LAB.serviceAddress, advertisedIp: LAB.publicAddress };
  const calls = new Calls(
    () => wallMs,
    () => address,
  );
  calls.place(count, { profile: LAB.profile, kind: 'bridged', peer: 'well', ageMs: ESTABLISHED_MS });
  const writer = { coreUuid: 'of-the-dead-node', switchname: LAB.name };
  tables.recovery.push(...calls.all.map((leg) => rowOf(leg, writer)));
}

/** A process of its own, which can be killed and frozen. Recorded pauses are not waited for. */
export async function stageAsProcess(): Promise<Stage> {
  const management = freshAddress();
  const sipAddress = freshAddress();
  const { name, password, profile } = LAB;
  const standIn = await StandIn.start({
    ...{ name, password, management },
    eslPort: 8021,
    sip: [{ vip: 'a', address: sipAddress, port: 5060, profiles: [profile], publicAddress: LAB.publicAddress }],
  });
  // The recorded node had no standby flag: promote this one.
  await standIn.api('global_setvar promoted_a=-no');
  await standIn.api(`sofia profile ${profile} rescan`);
  let now = 0;
  return {
    management,
    sipAddress,
    faults: noFaults(),
    nowMs: () => now,
    advanceTo: async (atMs) => {
      now = Math.max(now, atMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    api: (line) => standIn.api(line),
    addCalls: () => undefined,
    leaveCalls: () => undefined,
    hangUpAll: () => undefined,
    terminate: () => standIn.terminate(),
    kill: () => standIn.kill(),
    freeze: () => standIn.freeze(),
    thaw: () => standIn.thaw(),
    hasExited: () => !standIn.alive,
    close: () => standIn.stop(),
  };
}
