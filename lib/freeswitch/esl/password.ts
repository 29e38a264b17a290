import { OutsideTimeout } from '../../domain/errors';

/** Where the ESL password comes from. `lib/aws/esl-password.ts` reads it from Secrets Manager. */
export interface PasswordSource {
  /** Rejects when there is none to be had; the message never holds it. */
  get(): Promise<string>;
  /** FreeSWITCH refused it: it may have been rotated, read it anew next time. */
  drop(): void;
}

/**
 * The password within the deadline of the task that needs it: the source's own deadline may be longer.
 * @throws OutsideTimeout when it is late, or what the source throws
 */
export async function passwordWithin(source: PasswordSource, timeoutMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new OutsideTimeout('the ESL password was not read in time')),
      Math.max(0, timeoutMs),
    );
  });
  try {
    return await Promise.race([source.get(), late]);
  } finally {
    clearTimeout(timer);
  }
}
