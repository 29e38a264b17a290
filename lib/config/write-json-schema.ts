/** `npx tsx lib/config/write-json-schema.ts`: writes understudy.schema.json beside package.json. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemaText } from './json-schema';

writeFileSync(join(__dirname, '..', '..', 'understudy.schema.json'), jsonSchemaText());
