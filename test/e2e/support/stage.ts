/** The deployed cluster that the scenarios share, and what they do with it again and again. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

import { explain } from '../../../lib/domain/explain';
import type { Holder, Transition, VipState } from '../../../lib/domain/model';
import type { Facts, Notification } from '../../../local/demo/facts';
import { judge } from '../../../local/demo/judge';
import { workersOf } from '../../../local/demo/observers';
import { notYet, ready, until } from '../../../local/demo/until';
import { World, type WorldOptions } from '../../../local/demo/world';
import type { FaultEffect, InstalledRule } from '../../../local/emulator/faults';
import { awsClientConfig } from '../../../local/emulator/loopback';
import { StandIn } from '../../../local/standin/process';
import { functionsOf } from './actors';
import { CallBook, type Call } from './call-book';
import { Moment } from './moment';
import { PROJECT } from './project';

/** A convergence that is refused or held tries on for long; the function itself ends after two minutes. */
const RECOVERY_TIMEOUT_MS = 60_000;
/**
 * From a fault to a call of the failover. Alone on a machine it takes three seconds; one that is starved mutes its
 * observers for `freshFor` (12 s) each time they stand still, and is slow with the cold start that follows.
 */
const REACHED_TIMEOUT_MS = 40_000;
const PAGED_TIMEOUT_MS = 20_000;

export class Stage {
  private readonly lambda: LambdaClient;
  private readonly notes: string[] = [];

  private constructor(
    readonly world: World,
    readonly book: CallBook,
  ) {
    this.lambda = new LambdaClient(awsClientConfig({ endpoint: world.emulator.directEndpoint }));
  }

  /** Deploys and waits until the VIP is held, its standbys fit and the caller served. Cleans up when that fails. */
  static async open(options: Pick<WorldOptions, 'name' | 'config' | 'emulator' | 'standIns'>): Promise<Stage> {
    const world = await World.create({ projectDir: PROJECT, log: () => undefined, ...options });
    try {
      await world.prepare();
      await world.deploy();
      await world.startNodes();
      await world.waitUntilHealthy();
      const aws = { endpoint: world.emulator.directEndpoint };
      return new Stage(world, new CallBook(world.emulator.faults, await functionsOf(aws, world.cluster.id)));
    } catch (error) {
      await world.destroy();
      throw error;
    }
  }

  /** Ends everything. Resolves with the functions that still run all the same: an empty list, if all is well. */
  async close(): Promise<string[]> {
    this.lambda.destroy();
    const { deployment, temporaryDir } = this.world;
    await this.world.destroy();
    return deployment.functions.map((each) => each.name).filter((name) => workersOf(name, temporaryDir).length > 0);
  }

  /** Healthy again for the next scenario: no fault, every node well, no incident that would keep a page back. */
  async rest(): Promise<void> {
    this.world.emulator.faults.clear();
    await this.world.reset();
    await this.converge();
    this.book.keep();
  }

  /** A figure that a scenario measured, for the end of the report. */
  note(what: string, value: number): void {
    this.notes.push(`${what}: ${Math.round(value)}`);
  }

  get measured(): readonly string[] {
    return this.notes;
  }

  now(): Moment {
    return new Moment(this.world);
  }

  /** Without a name the first one's, as in all that follows. */
  async vip(vipId = this.world.vip.id): Promise<VipState> {
    const state = (await this.world.snapshot()).vips.find((each) => each.vipId === vipId);
    if (state === undefined) throw new Error(`the table has no VIP ${vipId}`);
    return state;
  }

  async holder(vipId = this.world.vip.id): Promise<Holder> {
    const { holder } = await this.vip(vipId);
    if (holder === null) throw new Error(`${vipId} has no holder`);
    return holder;
  }

  async journal(epoch: number, vipId = this.world.vip.id): Promise<Transition> {
    const found = await this.world.store.readTransition(vipId, epoch);
    if (found === null) throw new Error(`there is no journal ${vipId}#${epoch}`);
    return found;
  }

  /** The stand-in on a node, with what only a stand-in can do. */
  standIn(nodeId: string): StandIn {
    const process = this.world.fleet.process(nodeId);
    if (!(process instanceof StandIn)) throw new Error(`${nodeId} runs a real FreeSWITCH: it cannot play this`);
    return process;
  }

  /** What the minute schedule does, now, and to its end. */
  async converge(): Promise<void> {
    const { failoverFunction } = this.world.deployment;
    const answer = await this.lambda.send(new InvokeCommand({ FunctionName: failoverFunction, Payload: '{}' }));
    if (answer.FunctionError === undefined) return;
    throw new Error(`${failoverFunction} failed: ${Buffer.from(answer.Payload ?? []).toString('utf8')}`);
  }

  /** The same, without waiting: as the event of the schedule. */
  wake(): Promise<void> {
    return this.world.observers.wake(this.world.deployment.failoverFunction);
  }

  /** SIGKILL to every process that runs the failover function. Returns how many there were. */
  killFailover(): number {
    const pids = workersOf(this.world.deployment.failoverFunction, this.world.temporaryDir);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids.length;
  }

  /** Until the failover makes a call that is disturbed. In vain: with what the product says of the cluster. */
  async untilMet(held: readonly InstalledRule[]): Promise<void> {
    const calls = [...new Set(held.map(({ rule }) => `${rule.service}:${rule.action}`))].join(' or ');
    const patience = { timeoutMs: REACHED_TIMEOUT_MS, everyMs: 10 };
    await until(`the failover calls ${calls}`, patience, () =>
      Promise.resolve(held.some((rule) => rule.hits > 0) ? ready(true) : notYet('it did not')),
    ).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await this.explained().catch(String)}`, { cause: error });
    });
  }

  /** As many pages as that, at least: a page is journalled as sent before the phone has it. */
  async untilPaged(since: Moment, count = 1): Promise<Notification[]> {
    return until(`${count} pages have arrived`, { timeoutMs: PAGED_TIMEOUT_MS }, async () => {
      const pages = since.pages();
      return pages.length >= count ? ready(pages) : notYet(`pages: ${pages.map((each) => each.subject).join(', ')}`);
    });
  }

  /** Until the caller has had a row of good answers from that node, after the trouble that it had since then. */
  async untilServedBy(nodeId: string, since: Moment): Promise<void> {
    await until(`the caller is served by ${nodeId}`, { timeoutMs: 15_000 }, async () => {
      const { servedNow, servedByAfter } = since.caller();
      return servedNow && servedByAfter === nodeId ? ready(true) : notYet(`served by ${servedByAfter ?? 'nobody'}`);
    });
  }

  /** The given effects, once each and in this order, on the next such calls of each function that is the actor. */
  disturb(call: Call, effects: readonly FaultEffect[]): InstalledRule[] {
    const { service, action, actor } = call;
    return this.book
      .keysOf(actor)
      .flatMap((accessKeyId) =>
        effects.map((effect) => this.world.emulator.faults.add({ service, action, accessKeyId, times: 1, effect })),
      );
  }

  private async explained(): Promise<string> {
    const { store } = this.world;
    const snapshot = await this.world.snapshot();
    const journals = await Promise.all(snapshot.vips.map(({ vipId, epoch }) => store.readTransition(vipId, epoch)));
    const known = journals.filter((journal) => journal !== null);
    return explain(snapshot, known, Date.now())
      .vips.map(({ vipId, epoch, status, decision: { does, reasons } }) =>
        [`${vipId}#${epoch} is ${status} and ${does}`, ...reasons].join('; '),
      )
      .join('\n');
  }

  /**
   * Until all that a failover must lead to has come about, and at least one page with it. The schedule is played from
   * outside: waiting for its next minute proves nothing more.
   */
  async untilRecovered(): Promise<Facts> {
    let looks = 0;
    const patience = { timeoutMs: RECOVERY_TIMEOUT_MS, everyMs: 250 };
    return until('the failover has come to its end', patience, async () => {
      looks += 1;
      if (looks % 40 === 0) await this.wake();
      const facts = await this.world.facts();
      const missing = shortOf(facts, { pages: 'at least one' });
      return missing.length === 0 ? ready(facts) : notYet(missing.join('; '));
    });
  }
}

/**
 * What is missing from the outcome that the fault should have had, in words; empty when nothing is.
 * A page whose answer was lost may be sent twice: better than never.
 */
export function shortOf(facts: Facts, expected: { pages: 'one' | 'at least one' } = { pages: 'one' }): string[] {
  const pages = facts.notifications.filter((each) => each.kind === 'page');
  return judge(facts)
    .findings.filter((finding) => !finding.holds)
    .filter((finding) => expected.pages === 'one' || !finding.expected.includes('page') || pages.length === 0)
    .map((finding) => `${finding.expected}: ${finding.found}`);
}
