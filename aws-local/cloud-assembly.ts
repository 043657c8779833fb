import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Template, TemplateError } from './template.ts';

/** One synthesised stack with its assets, as `cdk synth` leaves them in a folder. */
export interface CloudAssembly {
  template: Template;
  /** The folder an asset was made of, by the key its archive would have. @throws TemplateError */
  assetFolder(objectKey: string): string;
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

/** @throws TemplateError unless there is exactly one template */
export function readCloudAssembly(folder: string): CloudAssembly {
  const [name, second] = readdirSync(folder).filter((file) => file.endsWith('.template.json'));
  if (name === undefined || second !== undefined)
    throw new TemplateError(`${folder} has not exactly one template`);
  const folders = new Map<string, string>();
  // Both files are written by the CDK, whose formats these are.
  const manifest = readJson(join(folder, name.replace('.template.', '.assets.'))) as AssetManifest;
  for (const { source, destinations } of Object.values(manifest.files ?? {})) {
    for (const { objectKey } of Object.values(destinations)) {
      if (source.path !== undefined) folders.set(objectKey, resolve(folder, source.path));
    }
  }
  return {
    template: readJson(join(folder, name)) as Template,
    assetFolder(objectKey) {
      const found = folders.get(objectKey);
      if (found === undefined) throw new TemplateError(`no asset ${objectKey}`);
      return found;
    },
  };
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
