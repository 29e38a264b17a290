/** Items of which one that is damaged, or of another version, must not hide the others. */
import { describeError, MalformedItem } from '../../domain/errors';
import type { Log } from '../../domain/ports';
import type { PlainItem } from './attributes';

/** What can be read of `items`; what cannot is left out and logged as `says`, with its key. */
export function readableOf<T>(items: PlainItem[], decode: (item: PlainItem) => T, log: Log, says: string): T[] {
  return items.flatMap((item) => {
    try {
      return [decode(item)];
    } catch (error) {
      if (!(error instanceof MalformedItem)) throw error;
      log.warn(says, { error: describeError(error) });
      return [];
    }
  });
}
