/** What is used of modesl 1.2.1, which has no types of its own. Names with an underscore are its internals. */
declare module 'modesl/lib/esl/Connection' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  namespace Connection {
    interface Event {
      getBody(): string | undefined;
      getHeader(name: string): string | null | undefined;
    }
    /** The part of a socket that modesl and its parser touch. */
    interface SocketLike extends EventEmitter {
      write(data: string): unknown;
      end(): unknown;
    }
  }

  class Connection {
    constructor(host: string, port: number, password: string);
    /** A `net.Socket` after construction; null once the peer has ended the connection. */
    socket: Socket | Connection.SocketLike | null;
    /** Sends `api <command>`; replies are matched by order alone. */
    api(command: string, callback: (event: Connection.Event) => void): void;
    /** Writes a command and its header lines. Its reply is nobody's: no callback is queued for it. */
    send(command: string, headers?: Record<string, string>): void;
    subscribe(events: string[]): void;
    on(event: string, listener: (...args: never[]) => void): this;
    removeAllListeners(): this;
    /** Runs when TCP is connected: makes the parser on `socket`. */
    protected _onConnect(): void;
  }
  export = Connection;
}
