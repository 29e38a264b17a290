/** Reads `understudy.yaml`. Every mistake is found in one go, and none ends in a stack trace. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ConfigurationError } from '../domain/errors';
import { formatPath, type Finding } from './finding';
import { checkForm } from './form';
import { formatProblems, type Problem } from './format';
import type { UnderstudyConfig } from './model';
import { overrideProblems, type Overrides } from './overrides';
import { resolveCluster } from './resolve';
import { checkSense } from './rules';
import { missingUserFolders } from './user-files';
import { MAX_BYTES, readYaml } from './yaml-source';

/** The configuration, and what a user should know before deploying it. */
export interface LoadedConfig extends UnderstudyConfig {
  warnings: Problem[];
}

/** Throws ConfigurationError, also for a file that is missing, a directory or far too large. */
export function loadConfig(path: string, overrides: Overrides = {}): LoadedConfig {
  const config = parseConfig(readText(path), basename(path), overrides, dirname(path));
  const missing = missingUserFolders(config);
  if (missing.length > 0) throw mistakes(basename(path), missing);
  return config;
}

/**
 * As `loadConfig`, for text already read; touches no file. `fileName` stands in the messages, and folders that the text
 * names are looked for from `directory`.
 */
export function parseConfig(text: string, fileName: string, overrides: Overrides = {}, directory = '.'): LoadedConfig {
  const yaml = readYaml(text);
  if (!yaml.ok)
    throw mistakes(
      fileName,
      yaml.problems.map((problem) => ({ path: formatPath([]), ...problem })),
    );

  const form = checkForm(yaml.data);
  const findings = [...form.findings, ...checkSense(form.draft)];
  const problemsOf = (severity: Finding['severity']): Problem[] =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ path, message }) => ({ path: formatPath(path), line: yaml.lineOf(path), message }))
      .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));

  const problems = [...problemsOf('error'), ...overrideProblems(overrides, form.draft.clusters?.length ?? 0)];
  if (form.written === null || problems.length > 0) throw mistakes(fileName, problems);
  return {
    clusters: form.written.clusters.map((cluster) => resolveCluster(cluster, overrides, directory)),
    warnings: problemsOf('warning'),
  };
}

const mistakes = (fileName: string, problems: Problem[]): ConfigurationError =>
  new ConfigurationError(formatProblems(fileName, problems), problems);

/** The descriptor is checked, not the path, so that what is measured is what is read. */
function readText(path: string): string {
  const refused = (message: string): ConfigurationError =>
    mistakes(path, [{ path: formatPath([]), line: null, message }]);
  let descriptor: number | undefined;
  try {
    // Without O_NONBLOCK a named pipe would make us wait for its writer for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw refused('is a directory: name the file inside it, usually understudy.yaml');
    if (!stats.isFile()) throw refused('is not a regular file: copy it into one');
    if (stats.size > MAX_BYTES)
      throw refused(`is larger than ${MAX_BYTES / 1024} KB: this cannot be an understudy.yaml`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw refused(whyNotRead(error));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function whyNotRead(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  if (code === 'ENOENT') return 'does not exist: copy examples/primary-standby.yaml and change it';
  if (code === 'EACCES') return 'may not be read by this user: change its permissions';
  return `cannot be read (${code})`;
}
