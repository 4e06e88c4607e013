import { createInterface } from 'node:readline/promises';
import type { Answer } from '../contract/commands.ts';
import { Refusal, explain } from '../contract/errors.ts';
import { ROLE_NAMES } from '../contract/script.ts';
import { say } from './report.ts';
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
        case 'accept':
          return { person: await line(`  ${ask.label}: name of the ${ROLE_NAMES[ask.by]}: `) };
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
          for (const custodian of ask.custodians) {
            const place = await line(`  ${custodian}, place: `);
            const bag = await line(`  ${custodian}, bag number: `);
            const seal = await line(`  ${custodian}, seal number: `);
            rows.push({ custodian, place, bag, seal });
          }
          return { rows };
        }
        case 'share': {
          say(`  ${ask.label}, ${ask.person}: type the sheet's eight lines, or the sheet's number to scan its file.`);
          const first = await line('  1: ');
          if (/^\d{1,2}$/.test(first)) return { scanSheet: Number(first) };
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

/** One line of an answer, trimmed. INPUT_ENDED. */
export async function line(prompt: string): Promise<string> {
  // An input that has ended before is not announced again.
  if (process.stdin.readableEnded) throw new Refusal('INPUT_ENDED');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<never>((_resolve, reject) => {
      reader.once('close', () => {
        reject(new Refusal('INPUT_ENDED'));
      });
    });
    return (await Promise.race([reader.question(prompt), ended])).trim();
  } finally {
    reader.removeAllListeners('close');
    reader.close();
  }
}

async function yes(question: string): Promise<boolean> {
  for (;;) {
    const answer = (await line(`${question} (yes or no) `)).toLowerCase();
    if (['yes', 'y'].includes(answer)) return true;
    // Anything else may be meant for another question: it decides nothing.
    if (['no', 'n'].includes(answer)) return false;
  }
}
