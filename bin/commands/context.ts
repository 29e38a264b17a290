/** What the operator's commands need, so that a test can run them without AWS and without a terminal. */
import { Option } from 'commander';
import type { Topology } from '../../lib/domain/model';
import type { Clock, Log, NodeControl, Random, StateStore } from '../../lib/domain/ports';
import type { DrainDeps } from '../../lib/operations/drain';
import { whyWrongClock } from '../../lib/operations/operator-clock';

export interface CliContext {
  storeOf(table: string): StateStore;
  nodeControlOf(topology: Topology): NodeControl;
  clock: Clock;
  random: Random;
  log: Log;
  /** Name of whoever types, for the audit. */
  user: string;
  say(text: string): void;
  /** What went wrong, or was refused; the command then ends with exit code 1. */
  fail(reasons: readonly string[]): void;
  /** null: there is no terminal to ask at. */
  ask(question: string): Promise<string | null>;
  /** No colours: a file or a pipe wants the words alone. */
  plain: boolean;
}

export const tableOption = (): Option =>
  new Option('--table <name>', "the cluster's DynamoDB table (output TableName of its State stack)")
    .env('UNDERSTUDY_TABLE')
    .makeOptionMandatory();

export const actorOf = (context: CliContext): string => `operator/${context.user}`;

/** cli-table3 colours its heads and borders wherever it writes. */
export const tableStyle = ({ plain }: CliContext): { style?: { head: string[]; border: string[] } } =>
  plain ? { style: { head: [], border: [] } } : {};

export function operatorDeps(context: CliContext, store: StateStore, topology: Topology): DrainDeps {
  const { clock, random, log } = context;
  return { store, clock, random, log, actor: actorOf(context), nodeControl: context.nodeControlOf(topology) };
}

/** Says why, and that the command has failed, where this machine's clock is no time to write. */
export async function refusesClock(context: CliContext, store: StateStore): Promise<boolean> {
  const { clock, log } = context;
  const why = await whyWrongClock({ store, clock, log });
  if (why !== null) context.fail([why]);
  return why !== null;
}

/** Only a clear yes is one; without a terminal the operator has to say so beforehand. */
export async function confirmed(context: CliContext, question: string): Promise<boolean> {
  const answer = await context.ask(`${question} [y/N] `);
  if (answer === null) {
    context.fail(['nothing was done: there is no terminal to ask at; say --yes if you are sure']);
    return false;
  }
  if (/^y(es)?$/i.test(answer.trim())) return true;
  context.say('nothing was done');
  return false;
}
