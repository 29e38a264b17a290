/** Runs cfn-lint over every synthesised template; one test a template. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import { ensureCfnLint, lintTemplates } from '../cfn-lint';
import { failed, passed, sum, type Outcome } from './outcome';

/** `folder` holds one cloud assembly per example. */
export async function lintAssemblies(root: string, folder: string): Promise<Outcome> {
  const templates = existsSync(folder) ? findTemplates(folder) : [];
  if (templates.length === 0) return failed('no template to lint: the synthesis left none');
  const findings = await lintTemplates(await ensureCfnLint(root), templates);
  if (findings.length > 0) process.stdout.write(`${findings.join('\n')}\n`);
  // In cfn-lint's parseable format a finding begins with the path of its template.
  const outcomes = templates.map((template) => {
    const own = findings.filter((finding) => finding.startsWith(template));
    return own.length === 0 ? passed() : failed(`${relative(folder, template)}: ${own.length} objections, see above`);
  });
  const placed = sum(outcomes).failed > 0;
  return findings.length > 0 && !placed ? failed('cfn-lint has objections, see above') : sum(outcomes);
}

function findTemplates(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => join(folder, name));
}
