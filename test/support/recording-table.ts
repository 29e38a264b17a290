/**
 * A DynamoDB that answers reads from a list of items, and takes down what is written to it: every condition and value
 * as it is sent. It evaluates none of them; what the conditions mean is shown on the local AWS.
 */
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { OutsideCalls } from '../../lib/aws/call';
import { fromItem, type Item } from '../../lib/aws/store/attributes';
import { Table } from '../../lib/aws/store/table';
import type { Log } from '../../lib/domain/ports';
import { seededRandom, VirtualClock } from './virtual-clock';

/** One write, or one item of a transaction; values as plain ones, by the names that the expressions use. */
export interface SentWrite {
  kind: 'put' | 'update' | 'check' | 'delete';
  /** `pk / sk`. */
  key: string;
  condition?: string;
  update?: string;
  values: Record<string, unknown>;
}

export interface SentRead {
  key: string;
  consistent: boolean;
  filter?: string;
}

export interface Recorded {
  reads: SentRead[];
  writes: SentWrite[];
  /** The items that were put, whole. */
  items: Item[];
  /** Whether each write asks what stands there when its condition fails. */
  asksWhatItFound: boolean[];
  /** Whether each asks what the write left. */
  asksWhatItLeft: boolean[];
  /** The tokens of the transactions. */
  tokens: (string | undefined)[];
  /** Whether each call could be given up at its deadline. */
  signals: boolean[];
}

interface Behaviour {
  /** Called with the `pk/sk` of a Get and the `pk` of a Query; what it throws is the answer. */
  refuse?: (key: string) => void;
  /** What the writes answer, in their order; each may throw. Those after them are applied. */
  answers?: (() => unknown)[];
  pageSize?: number;
}

/** The answer to one write whose condition failed. */
export const conditionFailed = (found?: Item) => (): never => {
  throw Object.assign(new Error('the conditional request failed'), {
    name: 'ConditionalCheckFailedException',
    ...(found === undefined ? {} : { Item: found }),
  });
};

/** The answer to a transaction of which these items (by index) found what their condition forbids. */
export const cancelled = (reasons: { Code: string; Item?: Item }[]) => (): never => {
  throw Object.assign(new Error('transaction cancelled'), {
    name: 'TransactionCanceledException',
    CancellationReasons: reasons,
  });
};

export const FAILED = { Code: 'ConditionalCheckFailed' };
export const HELD = { Code: 'None' };

/** Nobody knows whether it was applied: the connection broke. */
export const noAnswer = (): never => {
  throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
};

export function recordingTable(items: readonly Item[] = [], { refuse, answers = [], pageSize }: Behaviour = {}) {
  const sent: Recorded = {
    reads: [],
    writes: [],
    items: [],
    asksWhatItFound: [],
    asksWhatItLeft: [],
    tokens: [],
    signals: [],
  };
  const waiting = [...answers];
  const said: string[] = [];
  const say: Log['warn'] = (message, fields) => said.push(`${message}: ${JSON.stringify(fields)}`);

  const send = async (command: unknown, options?: { abortSignal?: unknown }): Promise<unknown> => {
    await Promise.resolve();
    sent.signals.push(options?.abortSignal instanceof AbortSignal);
    if (command instanceof GetItemCommand) return got(command.input);
    if (command instanceof QueryCommand) return queried(command.input);
    const writes = inputsOf(command);
    sent.writes.push(...writes.map((input) => writeOf(input)));
    sent.items.push(...writes.flatMap(({ Item }) => (Item === undefined ? [] : [Item])));
    sent.asksWhatItFound.push(...writes.map((input) => input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'));
    sent.asksWhatItLeft.push(...writes.map((input) => input.ReturnValues === 'ALL_NEW'));
    if (command instanceof TransactWriteItemsCommand) sent.tokens.push(command.input.ClientRequestToken);
    return waiting.shift()?.() ?? {};
  };

  const got = ({ Key = {}, ConsistentRead = false }: GetItemCommand['input']): unknown => {
    const { pk, sk } = Key;
    sent.reads.push({ key: nameOf(Key), consistent: ConsistentRead });
    refuse?.(`${pk?.S}/${sk?.S}`);
    return { Item: items.find((item) => item['pk']?.S === pk?.S && item['sk']?.S === sk?.S) };
  };

  const queried = (input: QueryCommand['input']): unknown => {
    const { ':pk': pk, ':prefix': given } = input.ExpressionAttributeValues ?? {};
    // DynamoDB filters by what the condition names, and not by what is merely given.
    const prefix = input.KeyConditionExpression?.includes('begins_with(#sk, :prefix)') === true ? given : undefined;
    sent.reads.push({
      key: `${pk?.S} / ${prefix?.S ?? ''}*`,
      consistent: input.ConsistentRead ?? false,
      ...(input.FilterExpression === undefined ? {} : { filter: input.FilterExpression }),
    });
    refuse?.(String(pk?.S));
    const found = items.filter((item) => item['pk']?.S === pk?.S && item['sk']?.S?.startsWith(prefix?.S ?? ''));
    const from = found.findIndex((item) => item['sk']?.S === input.ExclusiveStartKey?.['sk']?.S) + 1;
    const page = found.slice(from, from + (pageSize ?? found.length));
    const isLast = from + page.length >= found.length;
    return { Items: page, ...(isLast ? {} : { LastEvaluatedKey: keyOf(page.at(-1)) }) };
  };

  const client = new DynamoDBClient({ region: 'us-east-1', endpoint: 'http://127.0.0.1:1' });
  Object.assign(client, { send });
  const clock = new VirtualClock();
  const table = new Table(client, 'T', new OutsideCalls(clock, seededRandom(1)));
  return { table, clock, sent, said, log: { info: say, warn: say, error: say } };
}

interface Input {
  kind: SentWrite['kind'];
  Key?: Item | undefined;
  Item?: Item | undefined;
  ConditionExpression?: string | undefined;
  UpdateExpression?: string | undefined;
  ExpressionAttributeValues?: Item | undefined;
  ReturnValues?: string | undefined;
  ReturnValuesOnConditionCheckFailure?: string | undefined;
}

function inputsOf(command: unknown): Input[] {
  if (command instanceof PutItemCommand) return [{ kind: 'put', ...command.input }];
  if (command instanceof UpdateItemCommand) return [{ kind: 'update', ...command.input }];
  if (command instanceof DeleteItemCommand) return [{ kind: 'delete', ...command.input }];
  const { TransactItems = [] } = (command as TransactWriteItemsCommand).input;
  return TransactItems.map(({ Put, Update, ConditionCheck }) => {
    if (Put !== undefined) return { kind: 'put', ...Put };
    return Update === undefined ? { kind: 'check', ...ConditionCheck } : { kind: 'update', ...Update };
  });
}

function writeOf({ kind, ...input }: Input): SentWrite {
  const { Key, ConditionExpression, UpdateExpression, ExpressionAttributeValues = {} } = input;
  const { pk: _pk, sk: _sk, ...values } = fromItem(ExpressionAttributeValues);
  return {
    kind,
    key: nameOf(Key ?? input.Item ?? {}),
    ...(ConditionExpression === undefined ? {} : { condition: ConditionExpression }),
    ...(UpdateExpression === undefined ? {} : { update: UpdateExpression }),
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name.slice(1), value])),
  };
}

const nameOf = (key: Record<string, AttributeValue>): string => `${key['pk']?.S} / ${key['sk']?.S}`;

const keyOf = (item: Item | undefined): Item =>
  Object.fromEntries(Object.entries(item ?? {}).filter(([name]) => name === 'pk' || name === 'sk'));
