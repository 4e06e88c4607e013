/** What paper says: ICU messages by id. */
export const en = {
  // the transcript
  'transcript.title': 'Ceremony transcript',
  'transcript.document': 'Transcript of {title}',
  'transcript.machine': 'Machine and token',
  'transcript.people': 'People',
  'transcript.deviations': 'Deviations',
  'transcript.running': 'Ceremony transcript  ·  {title}',
  'transcript.page': 'Page {number} of {count}  ·  {paper}',
  'transcript.script': 'Script SHA-256 {hash}',
  'transcript.outcome': 'Outcome',
  'transcript.ceremony': 'Ceremony',
  'transcript.from': 'From',
  'transcript.between': '{from} to {to}',
  'transcript.scriptWords': 'Script in words',
  'transcript.done': 'Done by {people}',
  'transcript.doneConfirmed': 'Done by {people}; confirmed by {confirming}',
  'transcript.nobody': 'nobody',
  'transcript.noDeviations': 'None was recorded.',
  'transcript.step': '{at}, step {step}',
  'transcript.checkpoint': 'Ledger checkpoint',
  'transcript.checkpointSaid':
    'The next ceremony begins by proving that these {size} rows stand unchanged in its ledger. Bring this page.',
  'transcript.size': 'Size {size}',
  'transcript.signatures': 'Signatures',
  'transcript.present': 'I was present. What stands above is what happened.',
  // what a step recorded
  'fact.file': 'File',
  'verdict.go': 'GO',
  'verdict.warning': 'WARNING',
  'verdict.no-go': 'NO-GO',
} as const;
