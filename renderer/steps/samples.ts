import type { Ask } from '../../core/contract/ceremony.ts';
import type { CustodyRow } from '../../core/contract/custody.ts';

/** Invented people and places, to fill in while training. */
export const SAMPLE_NAMES = [
  'Jonas Weber',
  'Samir Haddad',
  'Ines Duarte',
  'Ruth Lindqvist',
  'Amara Okafor',
  'Chen Wei',
  'Marta Kowalska',
  'Tomas Novak',
  'Leila Rahimi',
  'Peter Ash',
  'Noor Aziz',
  'Elena Petrova',
  'Kofi Mensah',
  'Hana Sato',
  'Luca Ferri',
  'Grace Obi',
  'Nils Berg',
  'Priya Nair',
  'Diego Ramos',
  'Mei Tanaka',
  'Oskar Lund',
  'Aoife Byrne',
  'Yusuf Kaya',
  'Clara Roth',
  'Ivan Horvat',
  'Sofia Rossi',
  'Anton Weiss',
  'Maya Levi',
  'Jan de Vries',
  'Rosa Cruz',
  'Emil Stone',
  'Tara Quinn',
  'Viktor Hahn',
  'Lucia Vega',
  'Omar Said',
  'Ida Holm',
  'Pavel Dvorak',
  'Nina Costa',
  'Hugo Blanc',
  'Zara Khan',
];

const SAMPLE_PLACES = [
  'Oslo, deposit box 12',
  'Zürich, deposit box 308',
  'Porto, deposit box 114',
  'Leeds, notary safe 2',
  'Graz, deposit box 41',
  'Turku, deposit box 77',
  'Lyon, notary safe 9',
  'Gdańsk, deposit box 250',
  'Cork, deposit box 18',
  'Basel, notary safe 5',
  'Ghent, deposit box 63',
  'Malmö, deposit box 90',
  'Torino, notary safe 3',
  'Brno, deposit box 152',
  'Tartu, deposit box 8',
];

const MADE_UP = 'sealed anew while training';

/** A bag and a seal for everything, by numbers that no register has; places only where none is known. */
export function sampleBags({
  kept,
  changing,
  used,
}: Extract<Ask, { kind: 'custody' }>): (Omit<CustodyRow, 'item'> & { reason: string })[] {
  let number = used.bag.length;
  return kept.map(({ custodian, bags }, index) => ({
    custodian,
    reason: changing ? MADE_UP : '',
    bags: bags.map(({ of, present }, at) => {
      number += 1;
      // A card lies elsewhere than its sheet.
      const place = present?.place ?? SAMPLE_PLACES[(index + 7 * at) % SAMPLE_PLACES.length] ?? '';
      return { of, place, bag: `B-${2000 + number}`, seal: `S-${4700 + 13 * number}` };
    }),
  }));
}
