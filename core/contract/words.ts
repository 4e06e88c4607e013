/**
 * The PGP word list (Juola and Zimmermann, 1995): bytes as words that a room can read aloud.
 * Even positions take a two-syllable word, odd positions a three-syllable one, so that a dropped,
 * doubled or swapped word is heard at once.
 */

/** Words for the bytes at even positions (0, 2, 4, ...). */
const TWO_SYLLABLES = `
  aardvark absurd accrue acme adrift adult afflict ahead aimless Algol allow alone ammo ancient apple artist
  assume Athens atlas Aztec baboon backfield backward banjo beaming bedlamp beehive beeswax befriend Belfast
  berserk billiard bison blackjack blockade blowtorch bluebird bombast bookshelf brackish breadline breakup
  brickyard briefcase Burbank button buzzard cement chairlift chatter checkup chisel choking chopper Christmas
  clamshell classic classroom cleanup clockwork cobra commence concert cowbell crackdown cranky crowfoot crucial
  crumpled crusade cubic dashboard deadbolt deckhand dogsled dragnet drainage dreadful drifter dropper drumbeat
  drunken Dupont dwelling eating edict egghead eightball endorse endow enlist erase escape exceed eyeglass
  eyetooth facial fallout flagpole flatfoot flytrap fracture framework freedom frighten gazelle Geiger glitter
  glucose goggles goldfish gremlin guidance hamlet highchair hockey indoors indulge inverse involve island jawbone
  keyboard kickoff kiwi klaxon locale lockup merit minnow miser Mohawk mural music necklace Neptune newborn
  nightbird Oakland obtuse offload optic orca payday peachy pheasant physique playhouse Pluto preclude prefer
  preshrunk printer prowler pupil puppy python quadrant quiver quota ragtime ratchet rebirth reform regain
  reindeer rematch repay retouch revenge reward rhythm ribcage ringbolt robust rocker ruffled sailboat sawdust
  scallion scenic scorecard Scotland seabird select sentence shadow shamrock showgirl skullcap skydive slingshot
  slowdown snapline snapshot snowcap snowslide solo southward soybean spaniel spearhead spellbind spheroid spigot
  spindle spyglass stagehand stagnate stairway standard stapler steamship sterling stockman stopwatch stormy sugar
  surmount suspense sweatband swelter tactics talon tapeworm tempest tiger tissue tonic topmost tracker transit
  trauma treadmill Trojan trouble tumor tunnel tycoon uncut unearth unwind uproot upset upshot vapor village virus
  Vulcan waffle wallet watchword wayside willow woodlark Zulu
`
  .trim()
  .split(/\s+/);

/** Words for the bytes at odd positions (1, 3, 5, ...). */
const THREE_SYLLABLES = `
  adroitness adviser aftermath aggregate alkali almighty amulet amusement antenna applicant Apollo armistice
  article asteroid Atlantic atmosphere autopsy Babylon backwater barbecue belowground bifocals bodyguard
  bookseller borderline bottomless Bradbury bravado Brazilian breakaway Burlington businessman butterfat Camelot
  candidate cannonball Capricorn caravan caretaker celebrate cellulose certify chambermaid Cherokee Chicago
  clergyman coherence combustion commando company component concurrent confidence conformist congregate consensus
  consulting corporate corrosion councilman crossover crucifix cumbersome customer Dakota decadence December
  decimal designing detector detergent determine dictator dinosaur direction disable disbelief disruptive
  distortion document embezzle enchanting enrollment enterprise equation equipment escapade Eskimo everyday
  examine existence exodus fascinate filament finicky forever fortitude frequency gadgetry Galveston getaway
  glossary gossamer graduate gravity guitarist hamburger Hamilton handiwork hazardous headwaters hemisphere
  hesitate hideaway holiness hurricane hydraulic impartial impetus inception indigo inertia infancy inferno
  informant insincere insurgent integrate intention inventive Istanbul Jamaica Jupiter leprosy letterhead liberty
  maritime matchmaker maverick Medusa megaton microscope microwave midsummer millionaire miracle misnomer molasses
  molecule Montana monument mosquito narrative nebula newsletter Norwegian October Ohio onlooker opulent Orlando
  outfielder Pacific pandemic Pandora paperweight paragon paragraph paramount passenger pedigree Pegasus penetrate
  perceptive performance pharmacy phonetic photograph pioneer pocketful politeness positive potato processor
  provincial proximate puberty publisher pyramid quantity racketeer rebellion recipe recover repellent replica
  reproduce resistor responsive retraction retrieval retrospect revenue revival revolver sandalwood sardonic
  Saturday savagery scavenger sensation sociable souvenir specialist speculate stethoscope stupendous supportive
  surrender suspicious sympathy tambourine telephone therapist tobacco tolerance tomorrow torpedo tradition
  travesty trombonist truncated typewriter ultimate undaunted underfoot unicorn unify universe unravel upcoming
  vacancy vagabond vertigo Virginia visitor vocalist voyager warranty Waterloo whimsical Wichita Wilmington
  Wyoming yesteryear Yucatan
`
  .trim()
  .split(/\s+/);

/** The words of some bytes, in order: one word a byte. */
export function wordsOf(bytes: Uint8Array): string[] {
  return Array.from(bytes, (byte, position) => (position % 2 === 0 ? TWO_SYLLABLES : THREE_SYLLABLES)[byte] ?? '');
}

const POSITION_OF = [TWO_SYLLABLES, THREE_SYLLABLES].map(
  (list) => new Map(list.map((word, byte) => [word.toLowerCase(), byte])),
);

/** The bytes of some words, in whatever case; or the position of the first word that does not belong where it stands. */
export function bytesOfWords(words: string[]): { bytes: Uint8Array } | { unknown: number } {
  const bytes = words.map((word, position) => POSITION_OF[position % 2]?.get(word.toLowerCase()) ?? -1);
  const unknown = bytes.indexOf(-1);
  return unknown < 0 ? { bytes: Uint8Array.from(bytes) } : { unknown };
}
