import type { Answer } from '../contract/commands.ts';
import { explain } from '../contract/explain.ts';
import { ROLE_NAMES } from '../contract/roles.ts';
import { say } from './report.ts';
import { custodyRow } from './terminal-custody.ts';
import { line, yes } from './terminal-line.ts';
import type { Responder } from './responder.ts';
import { chooseSecret, readSecret } from './terminal-secret.ts';

/** People at a terminal answer. */
export function terminalResponder(): Responder {
  return {
    async answer(ask): Promise<Answer | null> {
      switch (ask.kind) {
        case 'people': {
          const participants = [];
          for (const { role, count } of ask.roles) {
            for (let number = 1; number <= count; number++) {
              const name = await line(`  ${ROLE_NAMES[role]}${count > 1 ? ` ${number}` : ''}: `);
              participants.push({ role, name });
            }
          }
          return { participants };
        }
        case 'text': {
          say(`  ${ask.hint}`);
          const text = await line(`  ${ask.label}: `);
          return text === '' && ask.optional ? null : { text };
        }
        case 'choice': {
          for (const [index, { label, detail }] of ask.options.entries()) say(`  ${index + 1}  ${label}: ${detail}`);
          const typed = await line(`  ${ask.label}${ask.suggestion === null ? '' : ` [${ask.suggestion}]`}: `);
          const text = typed === '' ? (ask.suggestion ?? '') : (ask.options[Number(typed) - 1]?.value ?? typed);
          return { text };
        }
        case 'accept':
          return typeof ask.by === 'object'
            ? { person: await line(`  ${ask.label}: name of ${ask.by.name}: `) }
            : { person: await line(`  ${ask.label}: name of the ${ROLE_NAMES[ask.by]}: `) };
        case 'words': {
          const ticks: [boolean, boolean][] = [];
          say(`  ${ask.label}: ${ask.hex}`);
          for (const [index, word] of ask.words.entries()) {
            const matched = await yes(`  ${index + 1} ${word}: do both have it?`);
            ticks.push([matched, matched]);
          }
          return { ticks };
        }
        case 'custody': {
          const rows = [];
          for (const kept of ask.kept) rows.push(await custodyRow(kept, ask.changing));
          return { rows };
        }
        case 'share': {
          say(
            `  ${ask.label}, ${ask.person}: type the sheet's eight lines, the sheet's number to scan its file, or the path of a scan or photograph.`,
          );
          const first = await line('  1: ');
          if (/^\d{1,2}$/.test(first)) return { scanSheet: Number(first) };
          if (/[/.]/.test(first)) return { scanFile: first };
          const lines = [first];
          // A hand scanner gives all of it at once.
          while (lines.join('').replaceAll(/\s/g, '').length < 155) lines.push(await line(`  ${lines.length + 1}: `));
          return { text: lines.join('\n') };
        }
      }
    },
    secret: (ask) => {
      const prompt = `  ${ask.person}, ${ask.label}`;
      if (ask.manner === 'enter') return readSecret(`${prompt}: `);
      return chooseSecret(`${prompt} (new, at least ${ask.minimumLength} characters): `, say);
    },
    confirm: (question) => yes(`  ${question}`),
    async again(error) {
      const { says, next } = explain(error);
      say(`  ${error.code}: ${says} ${next}`);
      return error.recovery !== 'abort' && (await yes('  Try the step again?'));
    },
  };
}
