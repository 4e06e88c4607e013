import type { vaultCarryEn } from './vault-carry-en.ts';

export const vaultCarryDe: Record<keyof typeof vaultCarryEn, string> = {
  'carry.export': 'Namensraum exportieren',
  'carry.exportLead':
    'Von jedem Geheimnis eines Eigentümers geht die neueste Fassung in eine Datei, die nur der Schlüssel des Empfängers öffnet: alle oder keines. Jedes steht im Journal.',
  'carry.recipient': 'Zertifikat des Empfängers',
  'carry.recipientHint': 'Pfad seiner PEM-Datei. Wer den privaten Schlüssel dazu hat, importiert.',
  'carry.out': 'Neue Datei für den Export',
  'carry.outHint': 'Etwa /media/usb/billing.cms. Eine Datei, die es schon gibt, wird nicht ersetzt.',
  'carry.approved': 'Was zwei Personen genehmigt haben',
  'carry.approvedVersion': 'Fassung {version}: {purpose}',
  'carry.guarded':
    'Geheimnisse, die zwei Personen hüten, gehen mit einer Genehmigung für jedes mit. Gefragt wird dort, wo das Geheimnis angesehen wird.',
  'carry.exportDo': 'Exportieren',
  'carry.exportBusy': 'Wird verschlüsselt und zurückgelesen',
  'carry.exported': '{count, plural, one {# Geheimnis ist} other {# Geheimnisse sind}} in der Datei',
  'carry.tell': 'Wer importiert, tippt diesen SHA-256. Teilen Sie ihn auf einem anderen Weg mit als die Datei.',
  'carry.another': 'Einen anderen Namensraum exportieren',

  'carry.import': 'Namensraum importieren',
  'carry.importLead':
    'Alles, was ein Export eines anderen Tresors enthält, kommt herein, oder nichts davon. Was hereindarf, sagen die Regeln und Rechte hier.',
  'carry.file': 'Datei des Exports',
  'carry.fileHint': 'Etwa /media/usb/billing.cms.',
  'carry.sha256Hint': 'Wie beim Export mitgeteilt. Leerzeichen zählen nicht.',
  'carry.sha256Wrong': 'Er hat 64 Stellen, von 0 bis 9 und a bis f.',
  'carry.key': 'Privater Schlüssel des Empfängers',
  'carry.keyHint': 'Pfad seiner PEM-Datei. Der Kern liest sie, und weiter geht sie nicht.',
  'carry.there': 'Was schon da ist',
  'carry.keep': 'bleibt: dann wird nichts importiert',
  'carry.replace': 'bekommt eine neue Fassung',
  'carry.importDo': 'Importieren',
  'carry.importBusy': 'Wird geöffnet und geprüft',
  'carry.imported': '{count, plural, one {# Geheimnis ist} other {# Geheimnisse sind}} in diesem Tresor',
  'carry.created': 'Neu',
  'carry.replaced': 'Mit neuer Fassung',
  'carry.anotherFile': 'Eine andere Datei importieren',
};
