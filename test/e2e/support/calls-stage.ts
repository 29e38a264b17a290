/** What the scenarios about calls ask again and again: rows, roles, and who has which calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { NodeTopology, Transition } from '../../../lib/domain/model';
import type { AdministratorsView } from '../../../local/demo/database';
import { notYet, ready, until } from '../../../local/demo/until';
import type { LocalPostgres } from '../../../local/postgres/start';
import type { Stage } from './stage';

const SETTLE_TIMEOUT_MS = 90_000;

export class CallsStage {
  constructor(readonly stage: Stage) {}

  get postgres(): LocalPostgres {
    const { postgres } = this.stage.world;
    if (postgres === null) throw new Error('the cluster of this test has no database');
    return postgres;
  }

  get database(): AdministratorsView {
    const { database } = this.stage.world;
    if (database === null) throw new Error('the cluster of this test has no database');
    return database;
  }

  node(nodeId: string): NodeTopology {
    const node = this.stage.world.topology.nodes.find((each) => each.id === nodeId);
    if (node === undefined) throw new Error(`there is no node ${nodeId}`);
    return node;
  }

  /** The nodes that do not hold the first VIP. */
  async others(): Promise<string[]> {
    const { nodeId } = await this.stage.holder();
    return this.stage.world.topology.nodes.map((node) => node.id).filter((id) => id !== nodeId);
  }

  async sessions(nodeId: string): Promise<number> {
    return (await this.stage.standIn(nodeId).state()).sessions;
  }

  /** core_uuid -> its rows in the recovery table. */
  async rowsByCore(): Promise<Map<string, number>> {
    const rows = await this.database.query<{ core: string; legs: number }>(
      'select runtime_uuid as core, count(*)::int as legs from public.recovery group by 1',
    );
    return new Map(rows.map(({ core, legs }) => [core, legs]));
  }

  /** Whether the node may sign in to the shared database. */
  async mayLogIn(nodeId: string): Promise<boolean> {
    const [role] = await this.database.query<{ rolcanlogin: boolean }>(
      'select rolcanlogin from pg_roles where rolname = $1',
      [this.node(nodeId).databaseRole],
    );
    if (role === undefined) throw new Error(`the database has no role for ${nodeId}`);
    return role.rolcanlogin;
  }

  /** Until the database has turned the node away since then: the proof that a locked node did try. */
  async untilTurnedAway(nodeId: string): Promise<void> {
    const role = this.node(nodeId).databaseRole ?? '';
    const logFile = join(this.stage.world.temporaryDir, '../postgres.log');
    const refusal = `role "${role}" is not permitted to log in`;
    const count = (): number => readFileSync(logFile, 'utf8').split(refusal).length - 1;
    const before = count();
    await until(`${role} is turned away`, { timeoutMs: 20_000 }, async () =>
      count() > before ? ready(true) : notYet(`${count()} refusals in ${logFile}`),
    );
  }

  /** Until every step of the VIP's last journal is over, the stop and the return of the old node among them. */
  async untilClosed(vipId = this.stage.world.vip.id): Promise<Transition> {
    let looks = 0;
    return until('all steps are over', { timeoutMs: SETTLE_TIMEOUT_MS, everyMs: 250 }, async () => {
      if (looks++ % 8 === 7) await this.stage.wake();
      const { epoch } = await this.stage.vip(vipId);
      const journal = await this.stage.world.store.readTransition(vipId, epoch);
      const open = Object.entries(journal?.steps ?? {}).filter(([, record]) => record.status === 'pending');
      if (journal?.status === 'done' && open.length === 0) return ready(journal);
      return notYet(
        `${journal?.id ?? 'no journal'}: ${open.map(([step, { error }]) => `${step} ${error}`).join(', ')}`,
      );
    });
  }

  /** All parties hang up; not one row may be left by that. Then every node well, for the next scenario. */
  async rest(): Promise<void> {
    const { world } = this.stage;
    world.emulator.faults.clear();
    await world.reset();
    await Promise.all(world.topology.nodes.map((node) => world.fleet.process(node.id).api('hupall NORMAL_CLEARING')));
    await until('no call has left a row', { timeoutMs: 20_000 }, async () => {
      const legs = await this.database.countLegs();
      return legs === 0 ? ready(true) : notYet(`${legs} legs have one`);
    });
    await this.stage.rest();
  }
}
