import { resolve } from 'node:path';

export const PROJECT = resolve(__dirname, '../../..');
