#!/usr/bin/env node
/** `npx understudy`: there is no build, so the loader comes first and then the command itself. */
import 'tsx';

await import('./understudy.ts');
