import { Refusal } from '../contract/errors.ts';
import { type Script, scriptSchema } from '../contract/script.ts';
import { parseYaml } from '../store/yaml.ts';

/** A script from its YAML text. SCRIPT_INVALID names line and column of the first thing that is wrong. */
export function parseScript(text: string, path: string): Script {
  return parseYaml(text, scriptSchema, (detail) => new Refusal('SCRIPT_INVALID', { path, detail }));
}
