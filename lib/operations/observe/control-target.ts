/**
 * Control targets: things in another zone that are not ours and are always up (an interface endpoint's address
 * there). Whether one answers tells "that node is silent" from "I cannot hear". Only TCP is spoken, nothing is sent.
 */
import { connect } from 'node:net';
import { MalformedEvent } from '../../domain/errors';

export interface ControlTarget {
  zone: string;
  host: string;
  port: number;
}

/** Tries one target. Resolves within `timeoutMs`, never rejects. */
export type TryTarget = (target: ControlTarget, timeoutMs: number) => Promise<boolean>;

/** True as soon as one target answers, false when none did within `timeoutMs`. */
export async function anyTargetAnswers(
  targets: readonly ControlTarget[],
  tryTarget: TryTarget,
  timeoutMs: number,
): Promise<boolean> {
  const attempts = targets.map(async (target) => {
    if (!(await tryTarget(target, timeoutMs))) throw new Error('silent');
  });
  return Promise.any(attempts).then(
    () => true,
    () => false,
  );
}

/** A reset is an answer of the far end; "host unreachable" or an unknown name is said by something nearer. */
const ANSWERS_BY_ERROR = new Set(['ECONNREFUSED', 'ECONNRESET']);

/** The real `TryTarget`. The deadline covers name resolution too. */
export const tryTcp: TryTarget = (target, timeoutMs) =>
  new Promise((resolve) => {
    const socket = connect({ host: target.host, port: target.port });
    const finish = (answered: boolean): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answered);
    };
    const deadline = setTimeout(() => finish(false), timeoutMs);
    socket.once('connect', () => finish(true));
    socket.on('error', (error: NodeJS.ErrnoException) => finish(ANSWERS_BY_ERROR.has(error.code ?? '')));
  });

/** Reads `UNDERSTUDY_CONTROL_TARGETS`, a JSON list of `{zone, host, port}`. Throws MalformedEvent. */
export function parseControlTargets(json: string | undefined): ControlTarget[] {
  if (json === undefined || json === '') return [];
  const remedy = 'give a JSON list of {"zone", "host", "port"} in UNDERSTUDY_CONTROL_TARGETS, or [] for none';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new MalformedEvent(`the control targets are not JSON; ${remedy}`, { cause });
  }
  if (!Array.isArray(value) || !value.every(isControlTarget)) {
    throw new MalformedEvent(`the control targets are not a list of targets; ${remedy}`);
  }
  return value;
}

function isControlTarget(value: unknown): value is ControlTarget {
  if (typeof value !== 'object' || value === null) return false;
  const { zone, host, port } = value as Record<string, unknown>;
  return typeof zone === 'string' && typeof host === 'string' && Number.isInteger(port);
}
