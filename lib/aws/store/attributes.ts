/**
 * Between plain values and DynamoDB attributes. What a condition or an update touches is an attribute of its own;
 * everything else of an item travels as one JSON string, `body`: smaller than nested maps, written and read whole,
 * and a field that a newer version adds needs no change here. null is an absent attribute, so that
 * `attribute_not_exists` means null.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ItemKey } from './keys';

export type Item = Record<string, AttributeValue>;
export type Scalar = string | number | boolean;

/** An item as plain values, its `body` spread over it. */
export type PlainItem = Record<string, unknown> & ItemKey;

export function toAttribute(value: Scalar | ReadonlySet<string>): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    default:
      return { SS: [...value] };
  }
}

/** An item of attributes (null ones left out), a map of JSON strings each, and a body. */
export function toItem(
  key: ItemKey,
  attributes: Record<string, Scalar | null>,
  parts: { body?: unknown; jsonMaps?: Record<string, Record<string, unknown>> } = {},
): Item {
  const item: Item = { pk: { S: key.pk }, sk: { S: key.sk } };
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) item[name] = toAttribute(value);
  }
  for (const [name, map] of Object.entries(parts.jsonMaps ?? {})) {
    item[name] = {
      M: Object.fromEntries(Object.entries(map).map(([key, value]) => [key, { S: JSON.stringify(value) }])),
    };
  }
  if (parts.body !== undefined) item['body'] = { S: JSON.stringify(parts.body) };
  return item;
}

/** Plain values of an item. Attributes of a type that no version of ours writes are left out. */
export function fromItem(item: Item): PlainItem {
  const plain: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(item)) {
    const value = fromAttribute(attribute);
    if (value !== undefined) plain[name] = value;
  }
  const { body, ...attributes } = plain;
  const fields = typeof body === 'string' ? parseObject(body) : {};
  // Attributes win: they are what conditions and updates act upon.
  return { ...fields, ...attributes, pk: String(plain['pk']), sk: String(plain['sk']) };
}

function fromAttribute(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.SS !== undefined) return attribute.SS;
  if (attribute.M !== undefined) {
    return Object.fromEntries(Object.entries(attribute.M).map(([key, value]) => [key, parseJson(value.S)]));
  }
  return undefined;
}

/** A text that is no JSON is kept as text: the decoder then says which item and field is wrong. */
function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return text;
  }
}

function parseObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { body: text };
}
