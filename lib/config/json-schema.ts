/** `understudy.yaml` as JSON Schema: editors complete and check with it, and the hints for unknown keys are read from it. */
import { z } from 'zod';
import { writtenConfig } from './schema';

/** The part of JSON Schema that our schema comes out as. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** The JSON Schema (draft 2020-12) of what a user may write. The same content on every call. */
export function jsonSchema(): JsonSchema & Record<string, unknown> {
  const generated = z.toJSONSchema(writtenConfig, { io: 'input', reused: 'inline' });
  return {
    ...(generated as JsonSchema),
    title: 'Understudy configuration',
    description: 'Clusters of FreeSWITCH nodes that stand in for each other. See docs/configuration.md.',
  };
}

/** The file's text, ending with a newline. */
export const jsonSchemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`;

/** Every key of the schema by its path, for example `clusters[].nodes[].zone`; keys of a user's choice are `<name>`. */
export function keyPaths(schema: JsonSchema = jsonSchema(), at = ''): { path: string; schema: JsonSchema }[] {
  const below = (key: string, child: JsonSchema) => {
    const path = at === '' ? key : `${at}.${key}`;
    return [{ path, schema: child }, ...keyPaths(child, path)];
  };
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, child]) => below(key, child)),
    ...(typeof schema.additionalProperties === 'object' ? below('<name>', schema.additionalProperties) : []),
    ...(schema.items === undefined ? [] : keyPaths(schema.items, `${at}[]`)),
    ...(schema.anyOf ?? []).flatMap((branch) => keyPaths(branch, at)),
  ];
}
