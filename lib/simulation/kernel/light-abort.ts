/**
 * An AbortController without the machinery of DOM events. The shipped operations make several in each second that they
 * live, and Node's own were a third of a simulated year's time. Only for processes that do nothing but simulate: what
 * is missing here (`AbortSignal.any`, `onabort`) would fail there, loudly.
 */
type Listener = () => void;

class LightSignal {
  aborted = false;
  reason: unknown = undefined;
  private listeners: Listener[] = [];

  /** Every signal is aborted once, so that `once` says nothing. */
  addEventListener(_type: 'abort', listener: Listener): void {
    if (!this.aborted && !this.listeners.includes(listener)) this.listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    this.listeners = this.listeners.filter((each) => each !== listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
  }
}

export class LightAbortController {
  readonly signal = new LightSignal();

  abort(reason: unknown = new Error('aborted')): void {
    this.signal.abort(reason);
  }
}

/** In the whole process, and for good. */
export function useLightAbort(): void {
  globalThis.AbortController = LightAbortController as unknown as typeof AbortController;
}
