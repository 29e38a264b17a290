/**
 * The process of the SIP parties: a caller and a callee, each with its own address, in a network namespace of their own.
 * Arguments: the address of the caller and that of the callee. Orders come over the channel to the lab.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../../lib/domain/errors';
import { Agent } from './agent';
import type { Leg } from './leg';
import { Media } from './media';
import type { CallReport, FromParties, PartiesAnswer, PartiesOrder, ToParties } from './protocol';

const SIP_PORT = 5060;
const RTP_PORT = 40_000;
const LOOK_EVERY_MS = 20;

async function openAgent(host: string): Promise<Agent> {
  return Agent.open(host, SIP_PORT, await Media.open(host, RTP_PORT));
}

function report(callers: Agent, callees: Agent): PartiesAnswer {
  const answered = new Map([...callees.legs.values()].map((leg) => [leg.name, leg]));
  const calls = [...callers.legs.values()].map((leg): CallReport => {
    const callee = answered.get(leg.name);
    return { name: leg.name, via: leg.via, caller: leg.report(), callee: callee?.report() ?? null };
  });
  return { calls, registers: [...callees.registers] };
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const endAtMs = performance.now() + withinMs;
  while (!condition() && performance.now() < endAtMs) await sleep(LOOK_EVERY_MS);
}

async function place(callers: Agent, order: Extract<PartiesOrder, { do: 'place' }>): Promise<void> {
  const startedAt = performance.now();
  const placed: Leg[] = [];
  for (const [index, { name, via, port }] of order.calls.entries()) {
    const dueMs = startedAt + (index * 1_000) / order.perSecond - performance.now();
    if (dueMs > 0) await sleep(dueMs);
    placed.push(callers.call(name, { host: via, port }));
  }
  await until(() => placed.every((leg) => leg.isUp || leg.isOver), order.withinMs);
}

async function hangUp(callers: Agent, callees: Agent, withinMs: number): Promise<void> {
  const ended = Promise.all([...callers.legs.values()].map((leg) => leg.hangUp()));
  await Promise.race([ended, sleep(withinMs, undefined, { ref: false })]);
  await until(() => [...callees.legs.values()].every((leg) => leg.isOver), withinMs);
}

async function perform(callers: Agent, callees: Agent, order: PartiesOrder): Promise<PartiesAnswer> {
  switch (order.do) {
    case 'place':
      await place(callers, order);
      break;
    case 'mark':
      for (const agent of [callers, callees]) for (const leg of agent.legs.values()) leg.mark();
      break;
    case 'hang-up':
      await hangUp(callers, callees, order.withinMs);
      break;
    case 'forget':
      callers.forget();
      callees.forget();
      break;
    case 'register': {
      const { user, password, domain, via, port } = order;
      await callees.register({ credentials: { user, password }, domain, registrar: { host: via, port } });
      break;
    }
    case 'report':
      break;
  }
  return report(callers, callees);
}

async function main([callerHost = '', calleeHost = '']: string[]): Promise<void> {
  const [callers, callees] = await Promise.all([openAgent(callerHost), openAgent(calleeHost)]);
  const tell = (message: FromParties): void => void process.send?.(message);
  process.on('message', ({ id, order }: ToParties) => {
    perform(callers, callees, order).then(
      (answer) => tell({ id, answer }),
      (error: unknown) => tell({ id, error: describeError(error) }),
    );
  });
  // The lab is gone: nobody is left to call for.
  process.on('disconnect', () => process.exit(0));
  tell({ ready: true });
}

void main(process.argv.slice(2));
