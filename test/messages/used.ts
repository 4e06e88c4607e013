import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { REPOSITORY } from '../shipped.ts';

/** Every source file below these folders. */
export function sourcesIn(...folders: string[]): string[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.{ts,tsx}`),
    { cwd: REPOSITORY, exclude: (path) => path.includes('dist') },
  ).map((path) => join(REPOSITORY, path));
}

export const textOf = (file: string) => readFileSync(file, 'utf8');

function compiled(): ts.Program {
  const read = ts.readConfigFile(join(REPOSITORY, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, REPOSITORY);
  return ts.createProgram(sourcesIn('core', 'electron', 'renderer'), options);
}
let product: ts.Program | undefined;

/** The ids that calls of a function in files of the product can name, as the compiler knows them: `say(`nav.${place}`)` names one for each place. */
export function idsNamed(files: string[], name: string): { at: string; ids: string[] }[] {
  const program = (product ??= compiled());
  const checker = program.getTypeChecker();
  const found: { at: string; ids: string[] }[] = [];

  function visit(node: ts.Node, file: ts.SourceFile): void {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name) {
      const id = checker.getResolvedSignature(node)?.parameters.find((parameter) => parameter.name === 'id');
      const type = id && checker.getTypeOfSymbolAtLocation(id, node);
      const members = !type ? [] : type.isUnion() ? type.types : [type];
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({
        at: `${file.fileName}:${line}`,
        ids: members.flatMap((member) => (member.isStringLiteral() ? [member.value] : [])),
      });
    }
    ts.forEachChild(node, (child) => {
      visit(child, file);
    });
  }
  for (const path of files) {
    const file = program.getSourceFile(path);
    if (!file) throw new Error(`${path} is not in the program`);
    visit(file, file);
  }
  return found;
}
