#!/usr/bin/env node
/**
 * The operator's command: what the pages tell their reader to type. Speaks to the cluster's table, and for orders to
 * nodes (switchover, drain, check) to the node-control functions that the table's topology names.
 */
import { createInterface } from 'node:readline/promises';
import { OutsideCalls } from '../lib/aws/call';
import { dynamoDbClient, lambdaClient } from '../lib/aws/clients';
import { LambdaNodeControl } from '../lib/aws/node-control-client';
import { DynamoStateStore } from '../lib/aws/store/dynamo-state-store';
import { SystemClock } from '../lib/aws/system-clock';
import { SystemRandom } from '../lib/aws/system-random';
import { describeError } from '../lib/domain/errors';
import type { Log } from '../lib/domain/ports';
import { programOf } from './commands/program';

const clock = new SystemClock();
const random = new SystemRandom();
const calls = new OutsideCalls(clock, random);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);
const log: Log = { info: () => undefined, warn: complain, error: complain };

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

const program = programOf({
  storeOf: (tableName) => new DynamoStateStore({ client: dynamoDbClient(), tableName, calls, log }),
  nodeControlOf: (topology) => new LambdaNodeControl(lambdaClient(), calls, topology.nodeControl),
  clock,
  random,
  log,
  user: process.env['USER'] ?? 'unknown',
  say: (text) => void process.stdout.write(`${text}\n`),
  fail: (reasons) => {
    reasons.forEach(complain);
    process.exitCode = 1;
  },
  ask,
  plain: process.stdout.isTTY !== true || process.env['NO_COLOR'] !== undefined,
});

program.parseAsync().catch((error: unknown) => {
  complain(describeError(error));
  process.exitCode = 1;
});
