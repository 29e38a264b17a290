/**
 * What could be understood of a file that has mistakes: the values the schema refused are gone, the rest is sound.
 * The rules read drafts, so that a user sees the mistakes of form and the mistakes of sense in one go, and so that a
 * refused value is not complained about twice.
 */
import type { WrittenCluster, WrittenConfig } from './schema';

/** Where something stands in the file: keys and list positions from the top. */
export type Path = readonly (string | number)[];

export type Draft<T> = T extends readonly (infer Item)[]
  ? (Draft<Item> | undefined)[]
  : T extends object
    ? { [Key in keyof T]?: Draft<T[Key]> | undefined }
    : T;

export type ConfigDraft = Draft<WrittenConfig>;
export type ClusterDraft = Draft<WrittenCluster>;

/** Copies `data` without the values at `refused`. List positions stay, with undefined in them. */
export function draftOf(data: unknown, refused: readonly Path[]): ConfigDraft {
  const gone = new Set(refused.map((path) => JSON.stringify(path)));
  // Sound by construction: `refused` has every place where `data` differs from the schema.
  const sound: unknown = without(data, [], gone) ?? {};
  return sound as ConfigDraft;
}

function without(value: unknown, path: Path, gone: ReadonlySet<string>): unknown {
  if (gone.has(JSON.stringify(path))) return undefined;
  if (Array.isArray(value)) return value.map((item, index) => without(item, [...path, index], gone));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, without(item, [...path, key], gone)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

/** The items of a list that could be understood, each with its position. */
export function* present<T>(items: readonly (T | undefined)[] | undefined): Generator<[item: T, index: number]> {
  for (const [index, item] of (items ?? []).entries()) if (item !== undefined) yield [item, index];
}
