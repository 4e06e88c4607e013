/** What the window says of a namespace that goes from one vault to another. */
export const vaultCarryEn = {
  'carry.export': 'Export a namespace',
  'carry.exportLead':
    'The newest version of each secret of one owner goes into a file that the recipient’s key alone opens: all of them, or nothing. Each is in the ledger.',
  'carry.recipient': 'Recipient’s certificate',
  'carry.recipientHint': 'Path of its PEM file. Whoever has its private key imports.',
  'carry.out': 'New file for the export',
  'carry.outHint': 'Such as /media/usb/billing.cms. A file that is there already is not replaced.',
  'carry.approved': 'What two people approved',
  'carry.approvedVersion': 'version {version}: {purpose}',
  'carry.guarded':
    'Secrets that two people guard go along with an approval of each. It is asked for where the secret is opened.',
  'carry.exportDo': 'Export',
  'carry.exportBusy': 'Being encrypted and read back',
  'carry.exported': '{count, plural, one {# secret is} other {# secrets are}} in the file',
  'carry.tell': 'Whoever imports it types this SHA-256. Tell it to them by another way than the file’s.',
  'carry.another': 'Export another namespace',

  'carry.import': 'Import a namespace',
  'carry.importLead':
    'All that an export of another vault holds comes in, or nothing does. Policy and rights here say what may.',
  'carry.file': 'Export file',
  'carry.fileHint': 'Such as /media/usb/billing.cms.',
  'carry.sha256Hint': 'As the exporter was told. Spaces do not count.',
  'carry.sha256Wrong': 'It has 64 digits from 0 to 9 and a to f.',
  'carry.key': 'Recipient’s private key',
  'carry.keyHint': 'Path of its PEM file. It is read by core and goes no further.',
  'carry.there': 'What is there already',
  'carry.keep': 'stays: then nothing is imported',
  'carry.replace': 'gets a new version',
  'carry.importDo': 'Import',
  'carry.importBusy': 'Being opened and checked',
  'carry.imported': '{count, plural, one {# secret is} other {# secrets are}} in this vault',
  'carry.created': 'New',
  'carry.replaced': 'With a new version',
  'carry.anotherFile': 'Import another file',
} as const;
