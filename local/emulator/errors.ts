import { UnderstudyError } from '../../lib/domain/errors';

/** The machine lacks what the embedded AWS needs; the message says what and how to get it. */
export class EmulatorSetupError extends UnderstudyError {
  override readonly name = 'EmulatorSetupError';
}

/** The embedded AWS did not start, died, or did not stop; the message holds the end of its log. */
export class EmulatorError extends UnderstudyError {
  override readonly name = 'EmulatorError';
}

/** An endpoint that is not on this machine was about to be used by local code. Nothing was sent. */
export class NotLoopback extends UnderstudyError {
  override readonly name = 'NotLoopback';
}
