/** What the keys of the schema are made of: required or with a default, alone or one of several. */
import type { z } from 'zod';

/** A key that may be left out: the schema tells editors what holds then. */
export const optional = <T extends z.ZodType>(schema: T, standard: unknown, description: string) =>
  schema.optional().meta({ description, default: standard });

/** A key that may be left out, where what holds then is no single value: the description says it. */
export const optionalWithout = <T extends z.ZodType>(schema: T, description: string) =>
  schema.optional().meta({ description });

export const required = <T extends z.ZodType>(schema: T, description: string): T => schema.meta({ description });

/** Exactly one of these keys. The `oneOf` is for editors, the check is for us: it can say what is wrong. */
export const exactlyOneOf = <T extends z.ZodObject>(schema: T, keys: readonly (string & keyof T['shape'])[]) =>
  schema
    .refine((value) => keys.filter((key) => value[key] !== undefined).length === 1, {
      error: `needs exactly one of ${keys.map((key) => `\`${key}\``).join(' and ')}`,
    })
    .meta({ oneOf: keys.map((key) => ({ required: [key] })) });
