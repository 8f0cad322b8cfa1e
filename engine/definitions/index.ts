/** Turns a repository's tree into services and back into edits. */
export { checkSecrets } from './check-secrets.ts';
export { createSource, type SourceOptions } from './create-source.ts';
export { parseImage, type ImageReference } from './image-reference.ts';
export { inventoryFile } from './definition-paths.ts';
export { findDefinitions, type DefinitionFiles } from './layout.ts';
export { missingSystems, type Warning } from './missing-systems.ts';
export { parseInventory } from './read-inventory.ts';
