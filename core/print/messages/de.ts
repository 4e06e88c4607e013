import type { en } from './en.ts';

/** The same in German. */
export const de: Record<keyof typeof en, string> = {
  // the transcript
  'transcript.title': 'Protokoll der Zeremonie',
  'transcript.document': 'Protokoll: {title}',
  'transcript.machine': 'Rechner und Token',
  'transcript.people': 'Beteiligte',
  'transcript.deviations': 'Abweichungen',
  'transcript.running': 'Protokoll  ·  {title}',
  'transcript.page': 'Seite {number} von {count}  ·  {paper}',
  'transcript.script': 'Skript SHA-256 {hash}',
  'transcript.outcome': 'Ergebnis',
  'transcript.ceremony': 'Zeremonie',
  'transcript.from': 'Von',
  'transcript.between': '{from} bis {to}',
  'transcript.scriptWords': 'Skript in Wörtern',
  'transcript.done': 'Getan von {people}',
  'transcript.doneConfirmed': 'Getan von {people}; bestätigt von {confirming}',
  'transcript.nobody': 'niemandem',
  'transcript.noDeviations': 'Keine wurde vermerkt.',
  'transcript.step': '{at}, Schritt {step}',
  'transcript.checkpoint': 'Prüfpunkt des Journals',
  'transcript.checkpointSaid':
    'Die nächste Zeremonie beginnt mit dem Beweis, dass diese {size} Zeilen unverändert in ihrem Journal stehen. Bringen Sie diese Seite mit.',
  'transcript.size': 'Größe {size}',
  'transcript.signatures': 'Unterschriften',
  'transcript.present': 'Ich war dabei. Was oben steht, ist das, was geschehen ist.',
  // what a step recorded
  'fact.file': 'Datei',
  'verdict.go': 'GUT',
  'verdict.warning': 'WARNUNG',
  'verdict.no-go': 'HALT',
};
