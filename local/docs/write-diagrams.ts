/** `npm run diagrams`: writes the state machines into docs/architecture.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE, withStateMachines } from './state-diagrams';

const path = join(__dirname, '..', '..', PAGE);
writeFileSync(path, withStateMachines(readFileSync(path, 'utf8')));
process.stdout.write(`${PAGE} has the state machines of lib/domain/state-machine\n`);
