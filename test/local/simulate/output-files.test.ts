import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseImpossible } from '../../../local/simulate/output-files';

describe('a file for figures or a trace', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'output-files-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('may be new, in a folder that is made, or one that is there; nothing is written yet', () => {
    writeFileSync(join(folder, 'old.json'), '{}');

    refuseImpossible(join(folder, 'made/new.json'), join(folder, 'old.json'), undefined);

    expect(existsSync(join(folder, 'made'))).toBe(true);
    expect(existsSync(join(folder, 'made/new.json'))).toBe(false);
  });

  it('is refused before anything is run where it is a folder, or lies in a file', () => {
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'README.md'), '');

    expect(() => refuseImpossible(join(folder, 'docs'))).toThrow(/docs is a folder; name a file in it/);
    expect(() => refuseImpossible(undefined, join(folder, 'README.md/trace.txt'))).toThrow(/README.md is no folder/);
  });
});
