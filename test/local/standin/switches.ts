/** FreeSWITCH processes without sockets on one database in memory, under one manual time. */
import { runApi } from '../../../local/standin/api';
import { ESTABLISHED_MS } from '../../../local/standin/calls';
import { type Faults, noFaults } from '../../../local/standin/faults';
import { Gateway } from '../../../local/standin/gateways';
import { Profile } from '../../../local/standin/profile';
import { MemoryRows, MemoryTables } from '../../../local/standin/rows/memory-rows';
import { SoftSwitch } from '../../../local/standin/softswitch';
import { ManualTime } from './manual-time';

export const SERVICE = { 'external-a': '10.255.0.10', 'external-b': '10.255.0.20' } as const;
export type ProfileName = keyof typeof SERVICE;

/** Passes of the event loop in which promises that wait for nothing else are settled. */
const SETTLE_PASSES = 20;

export class TestSwitch {
  exited = false;
  readonly faults: Faults = noFaults();

  constructor(
    readonly system: SoftSwitch,
    readonly rows: MemoryRows,
  ) {}

  api(line: string): Promise<string | null> {
    return runApi(this.system, line);
  }

  standby(name: ProfileName): boolean {
    return this.system.profile(name)?.standby === true;
  }

  /** SIGKILL: what was not written never will be. */
  kill(): void {
    this.system.end();
    this.exited = true;
  }
}

/** A lab with way A: the same service address on every node. */
export class Lab {
  readonly time = new ManualTime(0);
  readonly tables = new MemoryTables();

  async start(name: string, options: { service?: Record<ProfileName, string>; gateway?: string } = {}) {
    const service = options.service ?? SERVICE;
    const profiles = (['external-a', 'external-b'] as const).map((profile) => new Profile(settings(profile, service)));
    const rows = new MemoryRows(this.tables);
    const [first] = profiles;
    const gateways =
      options.gateway === undefined || first === undefined ? [] : [new Gateway(options.gateway, first, this.time)];
    const host = {
      openSip: () => Promise.resolve(),
      closeSip: () => undefined,
      closeEslListener: () => undefined,
      dismissEslClients: () => undefined,
      exit: () => (node.exited = true),
    };
    const faults = noFaults();
    const system = new SoftSwitch(
      { hostname: 'vm', switchname: name, address: '10.99.1.11' },
      profiles,
      this.time,
      host,
      { rows, database: null, faults, gateways, ownAddresses: new Set(Object.values(service)) },
    );
    const node = Object.assign(new TestSwitch(system, rows), { faults });
    await system.openDatabase();
    await Promise.all(profiles.map((profile) => system.startProfile(profile)));
    return node;
  }

  /** Lets time pass, and everything that is due happen. */
  async pass(ms: number): Promise<void> {
    const end = this.time.nowMs + ms;
    // In steps, because what is due starts more that is.
    while (this.time.nowMs < end) {
      this.time.advanceTo(Math.min(end, this.time.nowMs + Math.min(100, Math.max(5, ms / 200))));
      await settle();
    }
    await settle();
  }

  /** Sends an order and lets half a second pass for it. */
  async order(node: TestSwitch, line: string): Promise<string | null> {
    const reply = node.api(line);
    await this.pass(500);
    return Promise.race([reply, settle().then(() => NO_REPLY)]);
  }

  /** Places answered calls and waits until their rows are written. */
  async call(node: TestSwitch, count: number, order: Partial<Parameters<SoftSwitch['calls']['place']>[1]> = {}) {
    const usual = { profile: 'external-a', kind: 'bridged', peer: 'well', ageMs: ESTABLISHED_MS } as const;
    node.system.calls.place(count, { ...usual, ...order });
    await this.pass(300);
  }

  /** `profile/switchname/count` of the recovery rows. */
  rowsBy(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const row of this.tables.recovery) {
      const key = `${row.profileName} ${row.hostname}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }
}

export const NO_REPLY = 'no reply yet';

export async function settle(): Promise<void> {
  for (let pass = 0; pass < SETTLE_PASSES; pass++) await new Promise((resolve) => setImmediate(resolve));
}

function settings(name: ProfileName, service: Record<ProfileName, string>) {
  return {
    ...{ name, vip: name.slice(-1), bind: { address: '127.0.0.1', port: 5060 } },
    ...{ sipIp: service[name], mediaIp: service[name], publicAddress: '198.51.100.10', publicPort: 5060 },
    ...({ standby: 'unless-promoted', respond503OnBusy: true, regThreads: true, realm: 'lab.example' } as const),
  };
}
