/** The environment of a function, as the deployment sets it. */
import { UnderstudyError } from '../domain/errors';

/** The environment lacks a variable, or it holds nonsense: the function was deployed by hand or by another version. */
export class BadEnvironment extends UnderstudyError {
  override readonly name = 'BadEnvironment';
}

/** @throws BadEnvironment when it is missing or empty */
export function requireEnv(name: string, env: NodeJS.ProcessEnv = process.env): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new BadEnvironment(`${name} is not set: deploy the control plane stack again, it sets the environment`);
  }
  return value;
}

/** @throws BadEnvironment unless it is a JSON object of strings */
export function requireJsonMap(name: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const text = requireEnv(name, env);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && Object.values(value).every((each) => typeof each === 'string')) {
      return value as Record<string, string>;
    }
  } catch {
    // Told below, with the name of the variable.
  }
  throw new BadEnvironment(`${name} is no JSON object of strings: deploy the control plane stack again`);
}
