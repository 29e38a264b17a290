import { UnderstudyError } from '../../lib/domain/errors';

/** The laptop's PostgreSQL is not there, did not start or did not stop; the message holds the end of its log. */
export class PostgresError extends UnderstudyError {
  override readonly name = 'PostgresError';
}
