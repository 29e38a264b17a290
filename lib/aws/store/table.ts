/**
 * The table as the store uses it: every access through the one call policy, failed conditions as values with the item
 * that made them fail, and expressions whose `#names` and `:values` are filled in from plain objects.
 */
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type AttributeValue,
  type CancellationReason,
  type DynamoDBClient,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { MalformedItem } from '../../domain/errors';
import { answer, STORE_POLICY, type OutsideCalls } from '../call';
import { fromItem, toAttribute, type Item, type PlainItem, type Scalar } from './attributes';
import type { ItemKey } from './keys';

/** `clause`: a condition; its names are written `#name`, so that reserved words need no list. */
export interface Expression {
  update?: string;
  clause?: string;
  values?: Record<string, Scalar | ReadonlySet<string>>;
}

/** A conditional write's answer: applied, or the item as it stood when the condition failed (null: there was none). */
export type WriteOutcome = { applied: true; after: PlainItem | null } | { applied: false; found: PlainItem | null };

/** One answer a transaction's item gives when the transaction was refused. */
export type ItemRefusal = { refused: false } | { refused: true; found: PlainItem | null };

const CONDITION_FAILED = ['ConditionalCheckFailedException'];

/** 1 MB a page: a cluster of 100 nodes and 5 observers has 500 observations of 1 KB, so one page is usual. */
const MAX_PAGES = 20;

export class Table {
  constructor(
    private readonly client: DynamoDBClient,
    readonly name: string,
    private readonly calls: OutsideCalls,
  ) {}

  async get(key: ItemKey, read: { consistent: boolean }): Promise<PlainItem | null> {
    const command = new GetItemCommand({ TableName: this.name, Key: keyOf(key), ConsistentRead: read.consistent });
    const result = await this.run('GetItem', key, (signal) => this.client.send(command, { abortSignal: signal }));
    return result.Item === undefined ? null : fromItem(result.Item);
  }

  /** All items of a partition, or those whose sort key begins with `prefix`. Strongly consistent, page by page. */
  async query(pk: string, options: { prefix?: string; filter?: string } = {}): Promise<PlainItem[]> {
    const { prefix, filter } = options;
    const condition = prefix === undefined ? '#pk = :pk' : '#pk = :pk AND begins_with(#sk, :prefix)';
    const items: PlainItem[] = [];
    let from: Record<string, AttributeValue> | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new QueryCommand({
        TableName: this.name,
        ConsistentRead: true,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: namesOf(condition, filter ?? ''),
        ExpressionAttributeValues: valuesOf({ pk, ...(prefix === undefined ? {} : { prefix }) }),
        ...(filter === undefined ? {} : { FilterExpression: filter }),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      });
      const result = await this.run('Query', { pk, sk: prefix ?? '*' }, (signal) =>
        this.client.send(command, { abortSignal: signal }),
      );
      items.push(...(result.Items ?? []).map(fromItem));
      from = result.LastEvaluatedKey;
      if (from === undefined) return items;
    }
    throw new MalformedItem(
      `partition ${pk} of table ${this.name} is larger than ${MAX_PAGES} MB; delete foreign items`,
    );
  }

  put(item: Item, condition: Expression = {}): Promise<WriteOutcome> {
    const command = new PutItemCommand({
      TableName: this.name,
      Item: item,
      ...parametersOf(condition),
      ...(condition.clause === undefined ? {} : { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
    });
    return this.conditional('PutItem', keyIn(item), (signal) => this.client.send(command, { abortSignal: signal }));
  }

  update(key: ItemKey, expression: Expression): Promise<WriteOutcome> {
    const command = new UpdateItemCommand({
      TableName: this.name,
      Key: keyOf(key),
      ...parametersOf(expression),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.conditional('UpdateItem', key, (signal) => this.client.send(command, { abortSignal: signal }));
  }

  /** Applied also where there is nothing to delete, unless the condition asks for it. */
  delete(key: ItemKey, condition: Expression = {}): Promise<WriteOutcome> {
    const command = new DeleteItemCommand({
      TableName: this.name,
      Key: keyOf(key),
      ...parametersOf(condition),
      ...ON_FAILURE,
    });
    return this.conditional('DeleteItem', key, (signal) => this.client.send(command, { abortSignal: signal }));
  }

  /**
   * All or nothing. null: applied. Otherwise what each item said, in order. A transaction that only met another one
   * (TransactionConflict) or was throttled is tried again under the call policy.
   * @param token at most 36 characters; the same token and content within 10 minutes is applied once. Without one the
   * transaction must be harmless when it is applied twice
   */
  async transact(operations: TransactWriteItem[], token?: string): Promise<ItemRefusal[] | null> {
    const command = new TransactWriteItemsCommand({
      TransactItems: operations,
      ...(token === undefined ? {} : { ClientRequestToken: token }),
    });
    const what = `table ${this.name}, a transaction of ${operations.length} items`;
    return this.calls.run(
      { service: 'dynamodb', action: 'TransactWriteItems', resource: what },
      STORE_POLICY,
      (signal) =>
        this.client.send(command, { abortSignal: signal }).then(
          () => null,
          (error: unknown) => {
            const reasons = cancellationReasons(error);
            if (!reasons.some(conditionFailed)) throw error;
            return reasons.map((reason) =>
              conditionFailed(reason)
                ? { refused: true, found: reason.Item === undefined ? null : fromItem(reason.Item) }
                : { refused: false },
            );
          },
        ),
    );
  }

  operations = {
    put: (item: Item, condition: Expression): TransactWriteItem => ({
      Put: { TableName: this.name, Item: item, ...parametersOf(condition), ...ON_FAILURE },
    }),
    update: (key: ItemKey, { update = '', ...expression }: Expression): TransactWriteItem => ({
      Update: {
        TableName: this.name,
        Key: keyOf(key),
        UpdateExpression: update,
        ...parametersOf(expression, update),
        ...ON_FAILURE,
      },
    }),
    check: (key: ItemKey, { clause = '', ...expression }: Expression): TransactWriteItem => ({
      ConditionCheck: {
        TableName: this.name,
        Key: keyOf(key),
        ConditionExpression: clause,
        ...parametersOf(expression, clause),
        ...ON_FAILURE,
      },
    }),
  };

  private conditional(
    action: string,
    key: ItemKey,
    send: (signal: AbortSignal) => Promise<{ Attributes?: Item | undefined }>,
  ): Promise<WriteOutcome> {
    return this.run(action, key, async (signal) => {
      const applied = send(signal).then(({ Attributes: after }): WriteOutcome => ({
        applied: true,
        after: after === undefined ? null : fromItem(after),
      }));
      return answer(applied, CONDITION_FAILED, (error): WriteOutcome => {
        const found = itemOf(error);
        return { applied: false, found: found === undefined ? null : fromItem(found) };
      });
    });
  }

  private run<T>(action: string, key: ItemKey, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const resource = `table ${this.name}, item ${key.pk} / ${key.sk}`;
    return this.calls.run({ service: 'dynamodb', action, resource }, STORE_POLICY, attempt);
  }
}

const ON_FAILURE = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

const keyOf = (key: ItemKey): Record<string, AttributeValue> => ({ pk: { S: key.pk }, sk: { S: key.sk } });
const keyIn = (item: Item): ItemKey => ({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' });

function parametersOf({ update, clause, values = {} }: Expression, alsoNamed = '') {
  const names = namesOf(update ?? '', clause ?? '', alsoNamed);
  return {
    ...(update === undefined ? {} : { UpdateExpression: update }),
    ...(clause === undefined ? {} : { ConditionExpression: clause }),
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: valuesOf(values) }),
  };
}

function namesOf(...expressions: string[]): Record<string, string> {
  const names = expressions.join(' ').match(/#\w+/g) ?? [];
  return Object.fromEntries(names.map((name) => [name, name.slice(1)]));
}

function valuesOf(values: Record<string, Scalar | ReadonlySet<string>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, toAttribute(value)]));
}

function conditionFailed(reason: CancellationReason): boolean {
  return reason.Code === 'ConditionalCheckFailed';
}

/** By shape and not by `instanceof`: a bundle may hold the SDK's classes twice. */
function cancellationReasons(error: unknown): CancellationReason[] {
  const reasons: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'CancellationReasons') : null;
  return Array.isArray(reasons) ? (reasons as CancellationReason[]) : [];
}

function itemOf(error: unknown): Item | undefined {
  return typeof error === 'object' && error !== null ? (Reflect.get(error, 'Item') as Item | undefined) : undefined;
}
