/** What a node-control function answers, read with care: it may be of another version than the caller. Pure. */
import type { CheckResult, PromoteResult, ShutdownProof } from '../domain/ports';

/** null when it is no answer that this version understands. */
export function readShutdown(answer: unknown): ShutdownProof | null {
  const { fenced, proof, reason } = fieldsOf(answer);
  if (fenced === true && typeof proof === 'string') return { fenced, proof };
  return fenced === false ? { fenced, reason: text(reason) } : null;
}

export function readPromote(answer: unknown): PromoteResult | null {
  const { promoted, coreUuid, proof, reason } = fieldsOf(answer);
  if (promoted === true && typeof coreUuid === 'string' && typeof proof === 'string') {
    return { promoted, coreUuid, proof };
  }
  return promoted === false ? { promoted, reason: text(reason) } : null;
}

export function readCheck(answer: unknown): CheckResult | null {
  const { serving, coreUuid, proof, reason } = fieldsOf(answer);
  if (serving === true && typeof proof === 'string') {
    return { serving, coreUuid: typeof coreUuid === 'string' ? coreUuid : null, proof };
  }
  return serving === false ? { serving, reason: text(reason) } : null;
}

function fieldsOf(answer: unknown): Record<string, unknown> {
  return typeof answer === 'object' && answer !== null ? { ...answer } : {};
}

function text(reason: unknown): string {
  return typeof reason === 'string' ? reason : 'no reason given';
}
