/** The rendered configuration of a node. */
export type { NodeConfigurationInput, NodeVariables, RenderedFile, VipVariables } from './model';
export { overriddenVariables, remedyFor, type Overrides } from './overrides';
export { knownVariables, placeholdersIn } from './placeholders';
export { renderNodeConfiguration, userFoldersOf } from './render';
export { USER_FOLDER } from './user-files';
export { renderNodeVariables, renderSecrets } from './variables';
