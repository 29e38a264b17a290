/**
 * Stands in for `@aws-sdk/credential-provider-node` and `@aws-sdk/credential-providers` in the functions' bundles (an alias of esbuild): the Lambda runtime
 * hands its credentials over in the environment, always. The whole chain (profiles, SSO, login, web identity) would be
 * a third of a small function's bundle and of its start. The operator's command keeps the chain.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';

export const defaultProvider = fromEnv;
export const fromNodeProviderChain = fromEnv;
