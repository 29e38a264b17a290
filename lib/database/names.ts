/** Names that only this folder needs; those that others share are in `lib/domain/database-names.ts`. */

/** Our tables and functions; FreeSWITCH's are in `public`. */
export const OUR_SCHEMA = 'understudy';

/** Owns the functions that lock a node out: it may alter the nodes' roles, and nobody logs in as it. */
export const LOCKER_ROLE = 'understudy_locker';

/** RDS: members sign in with IAM tokens instead of passwords. */
export const RDS_IAM_ROLE = 'rds_iam';
