import * as iam from 'aws-cdk-lib/aws-iam';

/** A statement, and why its wildcard is the narrowest that AWS can express; null where it has none. */
export interface Permission {
  statement: iam.PolicyStatement;
  /** cdk-nag's names of the wildcards in it, for example `Resource::*`. */
  wildcards: readonly string[];
  because: string | null;
}

/** A statement without a wildcard. */
export const exact = (props: iam.PolicyStatementProps): Permission => ({
  statement: new iam.PolicyStatement(props),
  wildcards: [],
  because: null,
});

/** A statement with wildcards that cdk-nag will ask about, and the answer. */
export const wide = (because: string, wildcards: readonly string[], props: iam.PolicyStatementProps): Permission => ({
  statement: new iam.PolicyStatement(props),
  wildcards,
  because,
});
