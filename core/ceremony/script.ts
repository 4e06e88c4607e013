import { Refusal } from '../contract/errors.ts';
import { type Script, scriptSchema } from '../contract/script.ts';
import { parseYaml } from '../store/yaml.ts';

/** Every look at the ledger meets the same few texts. Nobody changes a script that was parsed. */
const known = new Map<string, Script>();

/** A script from its YAML text. SCRIPT_INVALID names line and column of the first thing that is wrong. */
export function parseScript(text: string, path: string): Script {
  const script =
    known.get(text) ?? parseYaml(text, scriptSchema, (detail) => new Refusal('SCRIPT_INVALID', { path, detail }));
  known.set(text, script);
  return script;
}
