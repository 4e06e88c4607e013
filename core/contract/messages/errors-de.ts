import type { ErrorTextId } from './errors-en.ts';

/** The same in German. */
export const errorsDe: Record<ErrorTextId, string> = {
  // the caller
  'INPUT_INVALID.says': 'Die Eingabe passt nicht zum Befehl: {detail}.',
  'INPUT_INVALID.next': 'Berichtigen Sie die Eingabe und versuchen Sie es noch einmal.',
  'COMMAND_UNKNOWN.says': 'Den Befehl {command} gibt es nicht.',
  'COMMAND_UNKNOWN.next': 'Die Befehle nennt claviger --help.',
  'INTERNAL.says': 'Claviger ist in einen Zustand geraten, der nicht vorgesehen ist.',
  'INTERNAL.next': 'Halten Sie hier an und lassen Sie den Datenordner, wie er ist. Was getan wurde, steht im Journal.',
  'CORE_GONE.says': 'Der Kernprozess ist beendet.',
  'CORE_GONE.next': 'Starten Sie Claviger neu und setzen Sie die Zeremonie fort: Was getan wurde, steht im Journal.',
  'CALLS_TOO_MANY.says': 'Das Fenster hat in einer Sekunde mehr als {limit} Mal gerufen.',
  'CALLS_TOO_MANY.next':
    'Nichts wurde getan. Warten Sie einen Augenblick und versuchen Sie es noch einmal; kommt es wieder, starten Sie Claviger neu.',
  // files
  'FILE_MISSING.says': 'Die Datei {path} gibt es nicht.',
  'FILE_MISSING.next': 'Prüfen Sie den Pfad.',
  'FILE_UNREADABLE.says': '{path} kann nicht gelesen werden.',
  'FILE_UNREADABLE.next': 'Prüfen Sie die Zugriffsrechte.',
  'FILE_TOO_LARGE.says': '{path} ist größer als {limitBytes} Byte.',
  'FILE_TOO_LARGE.next': 'Prüfen Sie, ob es die richtige Datei ist.',
  'FILE_CHANGED.says': '{path} ist nicht mehr die Datei, deren Wörter verglichen wurden.',
  'FILE_CHANGED.next': 'Vergleichen Sie ihre Wörter noch einmal oder bringen Sie die richtige Datei.',
  'OUTPUT_EXISTS.says': '{path} gibt es schon.',
  'OUTPUT_EXISTS.next':
    'Nennen Sie einen neuen, leeren Ordner. Was eine Zeremonie erzeugt hat, wird nie überschrieben.',
  'OUTPUT_MISSING.says': 'Der Ordner, in dem {path} liegen soll, ist nicht da.',
  'OUTPUT_MISSING.next': 'Legen Sie ihn an oder binden Sie den Datenträger ein und versuchen Sie es noch einmal.',
  'OUTPUT_OTHER.says': 'Der Ordner, in dem {path} liegen soll, gehört zu einer anderen Zeremonie.',
  'OUTPUT_OTHER.next':
    'Legen Sie den Datenträger dieser Zeremonie ein. Auf diesen wurde nichts geschrieben und von ihm nichts entfernt.',
  'OUTPUT_UNWRITABLE.says': '{path} kann nicht geschrieben werden.',
  'OUTPUT_UNWRITABLE.next': 'Prüfen Sie die Zugriffsrechte oder nehmen Sie einen anderen Datenträger.',
  'OUTPUT_DIFFERS.says': '{path} lässt sich nicht so zurücklesen, wie es geschrieben wurde.',
  'OUTPUT_DIFFERS.next':
    'Dem Datenträger ist nicht zu trauen. Nehmen Sie einen anderen und wiederholen Sie den Schritt.',
  'OUTPUT_FULL.says': 'Für {path} ist kein Platz mehr.',
  'OUTPUT_FULL.next':
    'Schaffen Sie Platz auf dem Datenträger und wiederholen Sie den Schritt. Nichts halb Geschriebenes blieb zurück.',
  // the store
  'STORE_UNSAFE.says': '{path} ist für andere lesbar (Modus {mode}).',
  'STORE_UNSAFE.next': 'Setzen Sie den Datenordner auf 0700 und seine Dateien auf 0600.',
  'STORE_PLACE_INVALID.says': '{path} sagt nicht, wo der Speicher ist: {detail}.',
  'STORE_PLACE_INVALID.next':
    'Berichtigen Sie die Datei (docs/ops/several-nodes.md), oder entfernen Sie sie, wenn der Speicher im Ordner selbst liegt.',
  'STORE_UNREACHABLE.says': 'Die Datenbank {path} hat nicht geantwortet ({detail}).',
  'STORE_UNREACHABLE.next':
    'Prüfen Sie, ob ihr Server läuft und diesen Benutzer einlässt. Sehen Sie nach, ob die Änderung geschehen ist, bevor Sie sie wiederholen.',
  'STORE_UNSUITED.says': 'Die Datenbank {path} kann keinen Speicher halten: {detail}.',
  'STORE_UNSUITED.next': 'Richten Sie die Datenbank ein, wie docs/ops/several-nodes.md es beschreibt.',
  'STORE_OVERTAKEN.says':
    'Ein anderer Knoten hat im selben Augenblick dasselbe geändert ({path}, {detail}). Nichts wurde geändert.',
  'STORE_OVERTAKEN.next': 'Wiederholen Sie es.',
  'STORE_SHARED.says':
    'Mehrere Knoten teilen diesen Speicher, und {what} ist für einen Speicher in einem eigenen Ordner.',
  'STORE_SHARED.next': 'Verwenden Sie einen Datenordner ohne store.yaml.',
  'STORE_DAMAGED.says': 'Der Speicher {path} ist beschädigt oder kein Speicher von Claviger: {detail}.',
  'STORE_DAMAGED.next': 'Lassen Sie ihn, wie er ist, und arbeiten Sie mit einer Kopie.',
  'SETTINGS_INVALID.says': '{path} enthält keine Einstellungen: {detail}.',
  'SETTINGS_INVALID.next': 'Speichern Sie die Einstellungen noch einmal: Die Datei wird ersetzt.',
  'STORE_BUSY.says': 'Ein anderes Claviger hält den Speicher {path} geöffnet.',
  'STORE_BUSY.next': 'Schließen Sie zuerst das andere.',
  // the ledger
  'LEDGER_ALTERED.says':
    'Das Journal wurde verändert oder ist beschädigt. Die erste falsche Zeile ist {seq}: {detail}.',
  'LEDGER_ALTERED.next':
    'Lassen Sie es, wie es ist, arbeiten Sie mit einer Kopie und vergleichen Sie mit einer älteren und mit den Prüfpunkten auf Papier.',
  'LEDGER_ROLLED_BACK.says':
    'Das Journal hat {size} Zeilen, und der Prüfpunkt auf Papier sagt {paper}: Die letzten {missing} sind fort.',
  'LEDGER_ROLLED_BACK.next':
    'Machen Sie mit dieser Kopie nicht weiter. Suchen Sie die neueste: An ihre Stelle wurde eine ältere gesetzt.',
  'LEDGER_FORKED.says': 'Die ersten {paper} Zeilen sind nicht die des Prüfpunkts auf Papier.',
  'LEDGER_FORKED.next':
    'Prüfen Sie, was getippt wurde. Stimmt es, so wurde dieses Journal neu geschrieben: Lassen Sie es, wie es ist, und suchen Sie eine andere Kopie.',
  'LEDGER_OTHER.says': 'Der Prüfpunkt auf Papier gehört zu {paper}, und dieses Journal ist {origin}.',
  'LEDGER_OTHER.next': 'Bringen Sie das Papier zu diesem Speicher oder den Speicher zu diesem Papier.',
  'LEDGER_FILE_INVALID.says': '{path} ist kein Auszug aus einem Journal oder wurde beschädigt: {detail}.',
  'LEDGER_FILE_INVALID.next': 'Erzeugen Sie ihn neu mit claviger ledger export.',
  'LEDGER_SEGMENT_MISSING.says': 'Der Abschnitt {file} des Journals, Zeilen {from} bis {to}, fehlt.',
  'LEDGER_SEGMENT_MISSING.next':
    'Legen Sie ihn aus einer Kopie oder Sicherung zurück, in den Datenordner oder die Datenbank: Sein Hashwert steht im Journal.',
  'LEDGER_SEGMENT_DAMAGED.says':
    'Der Abschnitt {file} des Journals, Zeilen {from} bis {to}, ist nicht die Datei, die versiegelt wurde.',
  'LEDGER_SEGMENT_DAMAGED.next':
    'Legen Sie ihn aus einer Kopie oder Sicherung zurück, in den Datenordner oder die Datenbank: Sein Hashwert steht im Journal.',
  'LEDGER_KEY_ELSEWHERE.says':
    'Der Schlüssel, der dieses Journal unterschreibt, ist nicht in diesem Token und kann nicht an einen anderen übergeben.',
  'LEDGER_KEY_ELSEWHERE.next':
    'Nehmen Sie das Token, in dem er liegt, oder beginnen Sie mit einem eigenen Datenordner.',
  'LEDGER_KEY_OTHER.says': 'Der Schlüssel {label} ist nicht der, der dieses Journal unterschreibt.',
  'LEDGER_KEY_OTHER.next':
    'Nennen Sie im Skript den Journalschlüssel oder machen Sie diesen dazu: signsLedger, wo er zertifiziert wird.',
  'LEDGER_SIGNATURE_REFUSED.says': 'Die Unterschrift unter das Journal wäre nicht gültig: {detail}.',
  'LEDGER_SIGNATURE_REFUSED.next':
    'Stellen Sie die Uhr, wenn es an der Zeit liegt; sonst lassen Sie den Journalschlüssel neu zertifizieren. Nichts wurde aufgezeichnet.',
  'STORE_OF_OTHER_MODE.says': 'Die Zeremonien dieses Datenordners sind {mode}.',
  'STORE_OF_OTHER_MODE.next':
    'Geben Sie Übungen und echten Zeremonien je einen eigenen Datenordner (--data, CLAVIGER_DATA): Ihre Journale werden nie vermischt.',
  'CHECKPOINT_OLDER.says':
    'Der Prüfpunkt gehört zu {paper} Zeilen; der neueste, der unterschrieben wurde, gehört zu {size}.',
  'CHECKPOINT_OLDER.next':
    'Bringen Sie den aus dem letzten Protokoll oder sagen Sie, warum niemand ihn hat: Das wird aufgezeichnet.',
  'CHECKPOINT_UNSAID.says':
    'Eine echte Zeremonie beginnt mit dem letzten Prüfpunkt vom Papier oder mit einem Wort, warum es keinen gibt.',
  'CHECKPOINT_UNSAID.next':
    'Tippen Sie ihn aus dem letzten Protokoll ab; bei der allerersten Zeremonie sagen Sie es (--checkpoint-lost "die erste Zeremonie").',
  'LEDGER_NOT_SIGNED.says':
    'Der neueste unterschriebene Prüfpunkt umfasst {signed} Zeilen, und gefragt ist nach Zeile {seq}.',
  'LEDGER_NOT_SIGNED.next':
    'Fragen Sie nach Zeilen, die er umfasst, oder unterschreiben Sie einen: Jede Zeremonie endet mit einem. Auf PostgreSQL: claviger ledger checkpoint.',
  'LEDGER_SEALING.says': 'Ein anderer Knoten versiegelt gerade Zeilen dieses Journals.',
  'LEDGER_SEALING.next': 'Wiederholen Sie es, wenn er fertig ist: Vielleicht sind diese Zeilen dann versiegelt.',
  'LEDGER_SIGNED_HERE.says': 'Das Journal dieses Speichers unterschreiben seine Zeremonien.',
  'LEDGER_SIGNED_HERE.next': 'Halten Sie eine Zeremonie: Jede endet mit einem unterschriebenen Prüfpunkt.',
  'LEDGER_ROW_UNKNOWN.says': 'Die Zeile {seq} gibt es nicht: Das Journal hat {size}.',
  'LEDGER_ROW_UNKNOWN.next': 'Siehe claviger ledger list.',
  'CHECKPOINT_INVALID.says': 'Der Prüfpunkt ist nicht lesbar: {detail}.',
  'CHECKPOINT_INVALID.next':
    'Geben Sie seine drei Zeilen, wie sie gedruckt sind, oder seine Größe und die 32 Wörter seiner Wurzel.',
  'CHECKPOINT_NEEDED.says':
    'Die vorige Zeremonie hat einen Prüfpunkt über {size} Zeilen auf Papier hinterlassen, und er wurde nicht gegeben.',
  'CHECKPOINT_NEEDED.next':
    'Tippen oder scannen Sie ihn aus dem letzten Protokoll oder sagen Sie, warum niemand ihn hat: Das wird aufgezeichnet.',
  'CHECKPOINT_OUTSIDE.says':
    'Der Prüfpunkt auf Papier gehört zu {paper} Zeilen, und dieser Auszug zeigt nur den Baum von {from} bis {to} Zeilen.',
  'CHECKPOINT_OUTSIDE.next': 'Bringen Sie einen Auszug, der so weit reicht, oder prüfen Sie den Speicher.',
  // scripts and answers
  'SCRIPT_INVALID.says': 'Das Skript {path} ist nicht gültig: {detail}.',
  'SCRIPT_INVALID.next': 'Berichtigen Sie das Skript vor dem Tag der Zeremonie. Nichts wurde angerührt.',
  'ANSWERS_INVALID.says': 'Die Antworten {path} sind nicht gültig: {detail}.',
  'ANSWERS_INVALID.next': 'Berichtigen Sie die Antwortdatei.',
  'ANSWER_MISSING.says': 'Die Antwortdatei sagt nichts zu {question}.',
  'ANSWER_MISSING.next': 'Fügen Sie die Antwort hinzu oder tippen Sie sie: ohne --answers.',
  'ANSWERS_REFUSED_LIVE.says': 'Eine echte Zeremonie nimmt keine Passphrase aus einer Antwortdatei.',
  'ANSWERS_REFUSED_LIVE.next': 'Lassen Sie die Passphrasen weg: Alle Schlüsselträger tippen die eigene.',
  // the ceremony
  'CEREMONY_UNKNOWN.says': 'Die Zeremonie {ceremony} gibt es nicht.',
  'CEREMONY_UNKNOWN.next': 'Lassen Sie sich die Zeremonien zeigen und wählen Sie eine.',
  'CEREMONY_NONE.says': 'Keine Zeremonie ist offen.',
  'CEREMONY_NONE.next': 'Beginnen Sie eine mit claviger ceremony run.',
  'CEREMONY_RUNNING.says': 'Die Zeremonie {ceremony} ist noch nicht zu Ende.',
  'CEREMONY_RUNNING.next': 'Setzen Sie sie fort oder brechen Sie sie mit einem Grund ab, bevor eine andere beginnt.',
  'CEREMONY_PAUSED.says': 'Die Zeremonie macht Pause.',
  'CEREMONY_PAUSED.next': 'Setzen Sie sie zuerst mit Namen fort.',
  'CEREMONY_NOT_PAUSED.says': 'Die Zeremonie macht keine Pause.',
  'CEREMONY_NOT_PAUSED.next': 'Machen Sie mit ihrem Schritt weiter.',
  'SECOND_MEDIUM_MISSING.says': 'Eine echte Zeremonie schreibt jede Datei auf zwei Datenträger.',
  'SECOND_MEDIUM_MISSING.next': 'Nennen Sie auch einen neuen Ordner auf einem zweiten Datenträger.',
  'CEREMONY_OVER.says': 'Diese Zeremonie ist zu Ende ({status}).',
  'CEREMONY_OVER.next': 'In ihr kann nichts mehr getan werden. Beginnen Sie eine andere.',
  'STEP_NOT_CURRENT.says': 'Schritt {step} ist jetzt nicht an der Reihe.',
  'STEP_NOT_CURRENT.next': 'Machen Sie mit dem Schritt weiter, der gezeigt wird.',
  'STEP_INTERRUPTED.says': 'Schritt {step} wurde unterbrochen.',
  'STEP_INTERRUPTED.next': 'Setzen Sie zuerst fort: Es wird zurückgelesen, was wirklich geschehen ist.',
  'STEP_RUNNING.says': 'Schritt {step} läuft gerade.',
  'STEP_RUNNING.next': 'Warten Sie, bis er fertig ist.',
  'STEP_STOPPED.says': 'Der Schritt wurde für eine Pause angehalten, an einer sicheren Stelle.',
  'STEP_STOPPED.next': 'Nichts davon ist geblieben. Führen Sie ihn noch einmal aus, wenn die Zeremonie weitergeht.',
  'ANSWERS_PENDING.says': 'Schritt {step} wartet noch auf {asks}.',
  'ANSWERS_PENDING.next': 'Geben Sie, was verlangt wird, dann geht es weiter.',
  'CONFIRMATION_MISSING.says': 'Die Rolle {role} hat Schritt {step} nicht bestätigt.',
  'CONFIRMATION_MISSING.next': 'Lassen Sie ihn bestätigen, dann geht es weiter.',
  'SHOWN_DIFFERENT.says':
    'Was Schritt {step} zeigt, hat sich geändert, seit es angesehen wurde; nichts wurde bestätigt.',
  'SHOWN_DIFFERENT.next':
    'Sehen Sie es noch einmal an: Schlüsselträger, Nummern, Antworten. Bestätigen Sie dann, was jetzt gezeigt wird.',
  'ASK_UNKNOWN.says': 'Schritt {step} fragt nicht nach {ask}.',
  'ASK_UNKNOWN.next': 'Geben Sie, was verlangt wird.',
  'DUAL_CONTROL.says': '{person} kann nicht zwei Rollen haben.',
  'DUAL_CONTROL.next': 'Lassen Sie eine der Rollen jemand anderen übernehmen.',
  'PERSON_UNKNOWN.says': '{person} gehört nicht zu den Beteiligten dieser Zeremonie.',
  'PERSON_UNKNOWN.next':
    'Nennen Sie jemanden, der eine Rolle übernommen hat. Was Zuschauende gesehen haben, vermerkt jemand von den Beteiligten.',
  'PARTICIPANTS_MISSING.says': 'Die Rolle {role} braucht {needed} und hat {present}.',
  'PARTICIPANTS_MISSING.next': 'Nennen Sie die Fehlenden.',
  'PREFLIGHT_MISSING.says':
    'Schritt {step} einer echten Zeremonie benutzt das Token, und davor steht keine Prüfung des Rechners.',
  'PREFLIGHT_MISSING.next': 'Setzen Sie einen Schritt mit der Aktion preflight davor oder üben Sie nur.',
  'PREFLIGHT_FAILED.says': 'Dieser Rechner ist nicht geeignet: {checks}.',
  'PREFLIGHT_FAILED.next': 'Beheben Sie, was genannt ist, und prüfen Sie noch einmal.',
  'WORDS_DIFFER.says': 'Nicht jedes Wort stimmte für beide.',
  'WORDS_DIFFER.next': 'Weicht ein Wort ab, halten Sie an: Vermerken Sie eine Abweichung oder brechen Sie ab.',
  'PASSPHRASE_WEAK.says': 'Die Passphrase ist kürzer als {minimum} Zeichen.',
  'PASSPHRASE_WEAK.next': 'Wählen Sie eine längere: Sieben zufällig gezogene Wörter sind gut.',
  'PASSPHRASE_REPEATED.says': 'Zwei Schlüsselträger haben dieselbe Passphrase gewählt.',
  'PASSPHRASE_REPEATED.next': 'Lassen Sie alle die eigene wählen, je für sich.',
  'RECIPIENT_MISSING.says': 'Eine echte Zeremonie braucht das Zertifikat des Systems, das das Paket öffnen wird.',
  'RECIPIENT_MISSING.next': 'Bringen Sie das Zertifikat des Empfängers als PEM-Datei und nennen Sie sie.',
  'PIN_SHORT.says': 'Die PIN ist kürzer als {minimum} Zeichen.',
  'PIN_SHORT.next': 'Wählen Sie eine längere.',
  'INPUT_ENDED.says': 'Die Eingabe endete, bevor jede Frage beantwortet war.',
  'INPUT_ENDED.next': 'Arbeiten Sie in einem Terminal oder mit --answers und setzen Sie die Zeremonie fort.',
  'SHARES_MISSING.says': 'Der Speicher enthält {present} von {expected} verschlüsselten Anteilen.',
  'SHARES_MISSING.next':
    'Halten Sie an: Die Bögen können weder erzeugt noch verglichen werden. Der Anteilsatz muss neu entstehen.',
  'REHEARSAL_LEFT.says': 'Die Probe hat {labels} auf dem Probentoken zurückgelassen.',
  'REHEARSAL_LEFT.next': 'Vernichten Sie sie auf dem Token von Hand und vermerken Sie es.',
  // tokens
  'TOKEN_FILE_CHANGED.says': 'Die Tokendatei {path} ist nicht die, mit der diese Zeremonie begann.',
  'TOKEN_FILE_CHANGED.next': 'Legen Sie die erste zurück, Byte für Byte.',
  'TOKEN_DIFFERENT.says': 'Dieses Token hat die Seriennummer {actual}; die Zeremonie begann mit {expected}.',
  'TOKEN_DIFFERENT.next': 'Schließen Sie das Token an, mit dem die Zeremonie begann. Mit diesem wurde nichts getan.',
  'TOKEN_FILE_INVALID.says': 'Die Tokendatei {path} ist nicht gültig: {detail}.',
  'TOKEN_FILE_INVALID.next': 'Berichtigen Sie sie; README.md zeigt eine.',
  'TOKEN_FILE_MISSING.says': 'Diese Zeremonie braucht ein Token hinter einem PKCS#11-Modul.',
  'TOKEN_FILE_MISSING.next':
    'Nennen Sie eines in einer Tokendatei (--token). Das Software-Token braucht nicht eingerichtet zu werden.',
  'MODULE_MISSING.says': 'Unter {path} gibt es kein PKCS#11-Modul.',
  'MODULE_MISSING.next': 'Installieren Sie das Modul oder berichtigen Sie den Pfad in der Tokendatei.',
  'MODULE_UNUSABLE.says': '{path} ist kein brauchbares PKCS#11-Modul ({detail}).',
  'MODULE_UNUSABLE.next': 'Berichtigen Sie den Pfad in der Tokendatei.',
  'TOKEN_MISSING.says': 'Das Modul zeigt kein Token mit dem Namen {label}.',
  'TOKEN_MISSING.next': 'Stecken Sie es ein, richten Sie es ein oder berichtigen Sie den Namen.',
  'SLOT_MISSING.says': 'Das Modul zeigt kein Token in {position}.',
  'SLOT_MISSING.next': 'Seine Steckplätze nennt claviger token list.',
  'TOKEN_INITIALISED.says': 'Das Token {label} (Seriennummer {serial}) ist in Gebrauch: Es hat eine Benutzer-PIN.',
  'TOKEN_INITIALISED.next':
    'Nennen Sie einen anderen Steckplatz. Soll alles darauf vernichtet werden, sagen Sie es: --wipe, oder wipe: true im Skript.',
  'TOKEN_AMBIGUOUS.says': 'Das Modul zeigt mehrere Token mit dem Namen {label}.',
  'TOKEN_AMBIGUOUS.next': 'Geben Sie jedem einen eigenen Namen.',
  'TOKEN_GONE.says': 'Der Tokenprozess ist beendet ({detail}).',
  'TOKEN_GONE.next':
    'Prüfen Sie das Token und sein Kabel und setzen Sie dann fort: Was es enthält, wird zurückgelesen.',
  'TOKEN_FAILED.says': 'Das Token hat {operation} verweigert ({ckr}).',
  'TOKEN_FAILED.next': 'Prüfen Sie das Token und versuchen Sie den Schritt noch einmal.',
  'POOL_BUSY.says': 'Alle Token sind beschäftigt, und {limit} Aufrufe warten schon.',
  'POOL_BUSY.next': 'Versuchen Sie es gleich noch einmal oder nehmen Sie ein weiteres Token hinzu.',
  'ENTROPY_STUCK.says': 'Die Zufallszahlen aus {source} hängen fest.',
  'ENTROPY_STUCK.next':
    'Benutzen Sie diese Quelle nicht. Nichts ist entstanden: Brechen Sie ab und beginnen Sie mit einem anderen Token oder Rechner neu.',
  'DICE_INVALID.says': 'Die Würfe können nicht benutzt werden: {detail}.',
  'DICE_INVALID.next': 'Würfeln Sie neu und tippen Sie jeden Wurf als Ziffer von 1 bis 6. Nichts ist entstanden.',
  'TOKEN_LIED.says':
    'Das Token enthält nicht, worum es gebeten wurde: {label} hat {attribute} {actual}, nicht {expected}.',
  'TOKEN_LIED.next': 'Benutzen Sie dieses Token nicht. Brechen Sie ab und halten Sie die Version seiner Firmware fest.',
  'TOKEN_NOT_LIVE.says': 'Eine echte Zeremonie läuft nicht mit einem Software-Token.',
  'TOKEN_NOT_LIVE.next':
    'Nennen Sie in der Tokendatei ein HSM und eines für die Probe oder üben Sie nur. Eine Richtlinie kann es namentlich erlauben.',
  'PIN_WRONG.says': 'Falsch: {pin, select, officer {PIN des Sicherheitsbeauftragten} other {PIN}}.',
  'PIN_WRONG.next': 'Prüfen Sie sie vor dem nächsten Versuch: Token sperren sich.',
  'PIN_LOCKED.says': 'Gesperrt: {pin, select, officer {PIN des Sicherheitsbeauftragten} other {PIN}}.',
  'PIN_LOCKED.next': 'Entsperren Sie das Token mit seinem Sicherheitsbeauftragten und setzen Sie dann fort.',
  'PIN_LAST_TRY.says':
    'Ist der nächste Versuch falsch, sperrt sich: {pin, select, officer {PIN des Sicherheitsbeauftragten} other {PIN}}.',
  'PIN_LAST_TRY.next':
    'Prüfen Sie sie auf ihrem Umschlag, und lassen Sie eine zweite Person namentlich zustimmen, bevor es versucht wird.',
  'PIN_REPEATED.says': 'Sicherheitsbeauftragter und Benutzer haben dieselbe PIN gewählt.',
  'PIN_REPEATED.next': 'Lassen Sie zwei Personen wählen, jede für sich.',
  'PIN_SOURCE.says':
    'Aus {source} nicht zu haben: {pin, select, officer {PIN des Sicherheitsbeauftragten} other {PIN}}.',
  'PIN_SOURCE.next': 'Berichtigen Sie die Quelle in der Tokendatei.',
  'KEY_EXISTS.says': 'Das Token enthält schon einen Schlüssel mit dem Namen {label}.',
  'KEY_EXISTS.next': 'Nehmen Sie ein leeres Token oder einen anderen Namen. Kein Schlüssel wird überschrieben.',
  'KEY_MISSING.says': 'Das Token enthält keinen Schlüssel mit dem Namen {label}.',
  'KEY_MISSING.next': 'Prüfen Sie das Token.',
  'KEY_AMBIGUOUS.says': 'Das Token enthält mehrere Schlüssel mit dem Namen {label}.',
  'KEY_AMBIGUOUS.next': 'Machen Sie nicht weiter: Finden Sie heraus, welcher welcher ist.',
  'KEY_UNRECORDED.says':
    'Keine abgeschlossene Zeremonie in diesem Speicher hat einen Schlüssel mit dem Namen {label} erzeugt.',
  'KEY_UNRECORDED.next':
    'Arbeiten Sie im Speicher der Zeremonie, die den Schlüssel erzeugt hat, oder berichtigen Sie den Namen im Skript.',
  'KEY_DIFFERENT.says':
    'Das Token enthält einen Schlüssel mit dem Namen {label}, und es ist nicht der, den das Journal kennt.',
  'KEY_DIFFERENT.next':
    'Benutzen Sie ihn nicht. Finden Sie heraus, wessen Token das ist und woher der Schlüssel kommt.',
  'MECHANISM_MISSING.says': 'Das Token kann {mechanism} nicht.',
  'MECHANISM_MISSING.next': 'Nehmen Sie eines, das es kann.',
  'CIPHERTEXT_UNOPENED.says':
    'Was unter {label} verschlüsselt wurde, geht nicht auf: Es wurde verändert oder gehört in einen anderen Zusammenhang.',
  'CIPHERTEXT_UNOPENED.next': 'Benutzen Sie es nicht. Bringen Sie eine unveränderte Kopie.',
  'ATTESTATION_INVALID.says': 'Dem Nachweis des Geräts über den Schlüssel ist nicht zu glauben: {detail}.',
  'ATTESTATION_INVALID.next':
    'Benutzen Sie diesen Schlüssel nicht. Bringen Sie den Nachweis dieses Geräts und die Wurzel seines Herstellers.',
  'BACKUP_DAMAGED.says': 'Die Sicherung auf Papier besteht die Prüfung nicht: {detail}.',
  'BACKUP_DAMAGED.next':
    'Scannen Sie jeden Code des Bogens noch einmal, tippen Sie die Zeile noch einmal oder nehmen Sie die Datei von einem der beiden Datenträger.',
  'BACKUP_UNOPENED.says': 'Die Sicherung von {label} geht unter diesem Hauptschlüssel nicht auf.',
  'BACKUP_UNOPENED.next': 'Bringen Sie die Sicherung, die zu diesem Anteilsatz gehört.',
  'BACKUP_CHANGED.says': '{path} ist nicht die Sicherung von {label}, die das Journal kennt.',
  'BACKUP_CHANGED.next': 'Bringen Sie die Datei vom anderen Datenträger oder den Inhalt des Sicherungsbogens.',
  // key-encryption keys
  'KMS_CLOSED.says': 'Der Schlüssel {keyId}, der die Datenschlüssel verschlüsselt, ist nicht mehr geöffnet.',
  'KMS_CLOSED.next': 'Entsperren Sie den Tresor und versuchen Sie es noch einmal.',
  'KMS_KEY_UNKNOWN.says': 'Das wurde mit einem anderen Schlüssel verschlüsselt: {keyId}.',
  'KMS_KEY_UNKNOWN.next': 'Öffnen Sie jenen Schlüssel. Der Versuch hat nichts beschädigt.',
  'KMS_UNOPENED.says':
    'Das Verschlüsselte geht nicht auf: Es wurde verändert, oder es gehört zu einem anderen Eigentümer, einer anderen Umgebung, einem anderen Namen oder einer anderen Fassung.',
  'KMS_UNOPENED.next':
    'Überschreiben Sie es nicht. Lassen Sie den Speicher, wie er ist, und sehen Sie in das Journal und die Sicherungen.',
  'KEYSTORE_PASSPHRASE_WRONG.says': 'Die Passphrase des Schlüsselspeichers {path} ist falsch.',
  'KEYSTORE_PASSPHRASE_WRONG.next': 'Tippen Sie sie noch einmal: Groß- und Kleinschreibung und Leerzeichen zählen.',
  'KEYSTORE_DAMAGED.says': 'Der Schlüsselspeicher {path} ist beschädigt oder wurde verändert: {detail}.',
  'KEYSTORE_DAMAGED.next':
    'Lassen Sie ihn, wie er ist, und bringen Sie eine Kopie. Ohne ihn geht nichts auf, was sein Schlüssel verschlüsselt hat.',
  'KEYSTORE_VERSION.says': 'Der Schlüsselspeicher {path} hat die Version {version}, die dieses Claviger nicht liest.',
  'KEYSTORE_VERSION.next': 'Öffnen Sie ihn mit dem Claviger, das ihn geschrieben hat, oder mit einem neueren.',
  'KEYSTORE_VARIABLE.says': 'In {variable} steht eine Passphrase. Das ist nur für die Entwicklung.',
  'KEYSTORE_VARIABLE.next':
    'Nehmen Sie sie aus der Umgebung und tippen Sie die Passphrase, oder benutzen Sie ein Token.',
  // requests and revocation
  'REQUEST_INVALID.says': 'Der Zertifikatsantrag {path} kann nicht benutzt werden: {detail}.',
  'REQUEST_INVALID.next':
    'Bringen Sie einen PKCS#10-Antrag, den sein eigener Schlüssel unterschrieben hat, als PEM oder DER.',
  'REQUEST_KEY_REFUSED.says': 'Der Schlüssel in {path} wird abgelehnt: {detail}.',
  'REQUEST_KEY_REFUSED.next':
    'Bringen Sie einen Antrag für einen EC-Schlüssel auf P-256 oder P-384 oder einen RSA-Schlüssel von mindestens 3072 Bit.',
  'REQUEST_SUBJECT_DIFFERENT.says': 'Der Antrag nennt {actual}; das Skript sagt {expected}.',
  'REQUEST_SUBJECT_DIFFERENT.next':
    'Bringen Sie den richtigen Antrag. Ist der Name im Skript falsch, wird das Skript zuerst neu geprüft.',
  'REVOCATION_INVALID.says': 'Das kann nicht gesperrt werden: {detail}.',
  'REVOCATION_INVALID.next': 'Berichtigen Sie die Zeile oder die Datei. Nichts wurde gesperrt.',
  'REVOCATION_LIST_PROFILE.says': 'Es entstand keine Sperrliste: {detail}.',
  'REVOCATION_LIST_PROFILE.next': 'Berichtigen Sie das Skript und lassen Sie es neu prüfen.',
  'NUMBER_INVALID.says': 'Hiervon kann die Nummerierung nicht weitergehen: {detail}.',
  'NUMBER_INVALID.next':
    'Bringen Sie die neueste Liste selbst oder ihre Nummer: aus einem Protokoll oder von jemandem, der sich auf sie verlässt.',
  // shares
  'SHARES_UNRECORDED.says':
    'Keine abgeschlossene Zeremonie in diesem Speicher hat einen Hauptschlüssel mit dem Namen {label} geteilt.',
  'SHARES_UNRECORDED.next':
    'Arbeiten Sie im Speicher der Zeremonie, aus der die Anteile stammen, oder berichtigen Sie den Namen im Skript.',
  'POLICY_DIFFERENT.says': 'Das Skript sagt: je {asked}; der Anteilsatz entstand mit: je {made}.',
  'POLICY_DIFFERENT.next': 'Berichtigen Sie policy im Skript: Was geteilt ist, bleibt geteilt.',
  'CUSTODIAN_UNKNOWN.says': '{person} hat keinen Anteil dieses Satzes.',
  'CUSTODIAN_UNKNOWN.next':
    'Beginnen Sie neu mit Schlüsselträgern, die einen haben, oder halten Sie zuerst die Übergabe fest.',
  'CUSTODY_UNRECORDED.says': 'In diesem Speicher gibt es kein Verwahrungsverzeichnis dieses Anteilsatzes.',
  'CUSTODY_UNRECORDED.next': 'Arbeiten Sie im Speicher der Zeremonie, in der die Beutel versiegelt wurden.',
  'SHARE_DAMAGED.says': 'Der Anteil besteht die Prüfung nicht: {detail}.',
  'SHARE_DAMAGED.next': 'Scannen Sie den anderen Code des Bogens oder tippen Sie die Zeile noch einmal.',
  'SHARE_UNKNOWN_FORMAT.says': 'Das ist kein Anteil von Claviger.',
  'SHARE_UNKNOWN_FORMAT.next': 'Bringen Sie den Anteilbogen; sein Text beginnt mit CLV1.',
  'SHARE_NOT_THEIRS.says': 'Das ist Anteil {given}, und gefragt ist nach Anteil {asked}.',
  'SHARE_NOT_THEIRS.next': 'Alle Schlüsselträger zeigen den Bogen mit der eigenen Nummer.',
  'SHARE_FOREIGN.says': 'Anteil {x} gehört zu einem anderen Satz.',
  'SHARE_FOREIGN.next': 'Bringen Sie den Bogen des Satzes, der auf dem Manifestbogen genannt ist.',
  'SHARE_OF_EXERCISE.says': 'Anteil {x} stammt aus einer Übung: Er stellt nichts wieder her.',
  'SHARE_OF_EXERCISE.next':
    'Schreddern Sie ihn und bringen Sie den echten Bogen: An seinem Kopf steht Schlüsselanteil (Key share).',
  'SHARE_NOT_OF_EXERCISE.says': 'Anteil {x} stammt nicht aus einer Übung, und dies ist eine.',
  'SHARE_NOT_OF_EXERCISE.next':
    'Legen Sie ihn zurück in einen Beutel, versiegeln Sie ihn neu und vermerken Sie, dass er hier gezeigt wurde. Bringen Sie den Übungsbogen.',
  'SHARE_NOT_LOST.says': 'Anteil {x} soll neu entstehen, und sein Bogen wurde gezeigt: Er ist nicht verloren.',
  'SHARE_NOT_LOST.next':
    'Halten Sie an. Ist seine Passphrase bekannt, muss nichts ersetzt werden; wenn nicht, lassen Sie andere ihre Bögen bringen.',
  'CUSTODIAN_TWICE.says': '{person} hätte zwei Anteile eines Satzes.',
  'CUSTODIAN_TWICE.next': 'Beginnen Sie neu mit jemandem, der keinen hat.',
  'EPOCHS_SPENT.says':
    'Dieser Hauptschlüssel wurde {epochs} Mal geteilt: Für einen weiteren Satz gibt es keine Nummer.',
  'EPOCHS_SPENT.next': 'Tauschen Sie den Hauptschlüssel aus.',
  'MASTER_KEY_RETIRED.says':
    'Der Hauptschlüssel {label} wurde in Zeremonie {ceremony} ersetzt und im Token vernichtet.',
  'MASTER_KEY_RETIRED.next':
    'Nennen Sie den Hauptschlüssel, der dort entstand. Alte Sicherungen gehen mit den alten Bögen weiter auf, durch eine Wiederherstellung außerhalb.',
  'BACKUP_NOT_RENEWED.says': 'Die Sicherung von {label} geht nur unter dem alten Hauptschlüssel auf.',
  'BACKUP_NOT_RENEWED.next':
    'Nehmen Sie {label} im Skript in find-keys und backup-keys auf oder vernichten Sie diesen Schlüssel zuerst. Nichts wurde vernichtet.',
  'SHARE_OLD_EPOCH.says':
    'Anteil {x} gehört zu einem anderen Satz, dem der Epoche {epoch}; in Gebrauch ist der Satz der Epoche {current}.',
  'SHARE_OLD_EPOCH.next':
    'Bringen Sie den Bogen des neueren Satzes. Verwahren Sie diesen sicher: Mit genügend anderen seiner Epoche öffnet er noch.',
  'SHARE_OF_ABORTED.says': 'Anteil {x} wurde von einer Zeremonie gedruckt, die abgebrochen wurde, für Epoche {epoch}.',
  'SHARE_OF_ABORTED.next':
    'Bringen Sie den Bogen des geltenden Satzes. Vernichten Sie diesen vor Zeugen: Mit genügend anderen seiner Epoche geht er trotzdem auf.',
  'SHEET_OTHER.says':
    'Das ist ein Code {sheet, select, backup {eines Sicherungsbogens} manifest {des Manifestbogens} other {eines Protokolls}} und kein Anteil.',
  'SHEET_OTHER.next': 'Bringen Sie den Anteilbogen: An seinem Kopf steht Schlüsselanteil (Key share).',
  'PICTURE_UNREADABLE.says': 'Aus {path} lässt sich kein Anteil lesen: {detail}.',
  'PICTURE_UNREADABLE.next':
    'Nehmen Sie das Papier selbst auf, flach, scharf und gleichmäßig beleuchtet, mit einem ganzen Code darin; oder tippen Sie die acht Zeilen.',
  'SHARE_REPEATED.says': 'Derselbe Anteil wurde zweimal gegeben.',
  'SHARE_REPEATED.next': 'Bringen Sie einen anderen Bogen.',
  'SHARES_TOO_FEW.says': '{present} Anteile wurden gegeben, und {threshold} werden gebraucht.',
  'SHARES_TOO_FEW.next': 'Bringen Sie weitere Bögen desselben Satzes.',
  'SHARE_PASSPHRASE_WRONG.says': 'Die Passphrase von Anteil {x} ist falsch.',
  'SHARE_PASSPHRASE_WRONG.next': 'Tippen Sie sie noch einmal von der Karte ab.',
  'PASSPHRASE_THROTTLED.says':
    'Die Passphrase von Anteil {share} war zu oft falsch. Der nächste Versuch ist in {seconds, plural, one {einer Sekunde} other {# Sekunden}} möglich.',
  'PASSPHRASE_THROTTLED.next': 'Lesen Sie die Karte noch einmal in Ruhe und warten Sie. Nichts ist verloren.',
  'SHARE_ALTERED.says': 'Anteil {x} geht auf, ist aber nicht der, der entstanden ist.',
  'SHARE_ALTERED.next': 'Legen Sie diesen Bogen als Beweisstück beiseite und bringen Sie einen anderen.',
  'SHARES_WRONG_SECRET.says': 'Diese Anteile ergeben den Hauptschlüssel nicht.',
  'SHARES_WRONG_SECRET.next': 'Halten Sie an. Prüfen Sie jeden Anteil einzeln gegen das Manifest.',
  'MANIFEST_INVALID.says': 'Das Manifest des Anteilsatzes ist nicht gültig: {detail}.',
  'MANIFEST_INVALID.next': 'Bringen Sie das Manifest, das mit diesen Anteilen entstanden ist.',
  'SHEET_UNREADABLE.says': 'Der Bogen {path} ergibt beim Scannen nicht, was auf ihn gedruckt wurde.',
  'SHEET_UNREADABLE.next': 'Drucken und scannen Sie ihn noch einmal.',
  'SHEET_NOT_PRINTED.says': 'Dieser Schritt druckt keinen Bogen {sheet} noch einmal.',
  'SHEET_NOT_PRINTED.next':
    'Noch einmal gedruckt wird in dem Schritt, der das Papier zurückliest, wenn die Bögen auf einem Drucker entstanden sind.',
  'SHEET_DIFFERS.says': 'Der gezeigte Bogen von Anteil {share} ist nicht der, der hier gedruckt wurde.',
  'SHEET_DIFFERS.next': 'Lesen Sie den Bogen zurück, der heute aus dem Drucker kam; ein älterer ist ein anderer.',
  // printers
  'SPOOLER_MISSING.says': 'Das Programm {program} ist nicht installiert, also kann von hier nichts gedruckt werden.',
  'SPOOLER_MISSING.next':
    'Installieren Sie CUPS (Debian: cups, cups-client) oder drucken Sie die Dateien der Bögen anderswo.',
  'PRINTER_UNKNOWN.says': 'CUPS kennt keinen Drucker {printer}. Es kennt: {known}.',
  'PRINTER_UNKNOWN.next':
    'Siehe claviger printer list. Ein Drucker wird vor dem Tag der Zeremonie mit lpadmin eingerichtet.',
  'PRINTER_REFUSED.says': 'Der Drucker {printer} hat es nicht getan: {detail}.',
  'PRINTER_REFUSED.next':
    'Sehen Sie nach dem Drucker: Papier, Toner, eingeschaltet? Versuchen Sie es dann noch einmal.',
  'SPOOL_HOLDS.says': 'Nach dem Leeren enthält die Druckwarteschlange noch, was gedruckt wurde: {path}.',
  'SPOOL_HOLDS.next':
    'Geben Sie diesen Rechner nicht fort. Entfernen Sie die Datei und finden Sie heraus, warum CUPS sie behielt, bevor ein Anteil gedruckt wird.',
  // bundles
  'BUNDLE_DAMAGED.says': 'Das Paket ist beschädigt oder wurde verändert: {detail}.',
  'BUNDLE_DAMAGED.next': 'Kopieren Sie es noch einmal vom Datenträger der Zeremonie. Nichts wurde geschrieben.',
  'BUNDLE_NOT_FOR_KEY.says': 'Das Paket ist nicht für diesen Schlüssel verschlüsselt.',
  'BUNDLE_NOT_FOR_KEY.next':
    'Nehmen Sie den Schlüssel, dessen Zertifikat in die Zeremonie gebracht wurde. Nichts wurde geschrieben.',
  'BUNDLE_UNTRUSTED.says': 'Das Paket ist nicht unter der Wurzel unterschrieben, der hier vertraut wird.',
  'BUNDLE_UNTRUSTED.next': 'Importieren Sie es nicht. Vergleichen Sie den Fingerabdruck der Wurzel mit dem Protokoll.',
  'BUNDLE_EXPIRED.says': 'Das Paket ist am {expires} abgelaufen.',
  'BUNDLE_EXPIRED.next': 'Verlangen Sie ein neues. Nichts wurde geschrieben.',
  'BUNDLE_REPLAYED.says': 'Paket {sequence} ist nicht neuer als {last}, das schon importiert wurde.',
  'BUNDLE_REPLAYED.next': 'Suchen Sie ein neueres. Nichts wurde geschrieben.',
  'BUNDLE_FORKED.says': 'Paket {sequence} folgt nicht auf das, das davor importiert wurde.',
  'BUNDLE_FORKED.next':
    'Importieren Sie es nicht. Zwei Pakete entstanden mit einer Nummer: Vergleichen Sie beide mit den Protokollen.',
  'CERTIFICATE_INVALID.says': 'Das Zertifikat {path} kann nicht benutzt werden: {detail}.',
  'CERTIFICATE_INVALID.next': 'Bringen Sie ein EC-Zertifikat (P-256, P-384) oder RSA-Zertifikat als PEM.',
  'CERTIFICATE_PROFILE.says': 'Das Zertifikat verletzt sein Profil: {detail}.',
  'CERTIFICATE_PROFILE.next': 'Berichtigen Sie im Skript, was genannt ist. Nichts wurde ausgestellt.',
  'KEY_FILE_INVALID.says': 'Die Schlüsseldatei {path} kann nicht benutzt werden: {detail}.',
  'KEY_FILE_INVALID.next': 'Bringen Sie den privaten Schlüssel als unverschlüsseltes PEM (PKCS#8).',
  // the vault
  'VAULT_NEW.says': 'In diesem Speicher ist kein Tresor.',
  'VAULT_NEW.next': 'Legen Sie einen an: claviger vault init.',
  'VAULT_EXISTS.says': 'In diesem Speicher ist schon ein Tresor.',
  'VAULT_EXISTS.next': 'Benutzen Sie ihn oder nennen Sie einen anderen Ordner. Nichts wurde geändert.',
  'VAULT_LOCKED.says': 'Der Tresor ist verschlossen.',
  'VAULT_LOCKED.next': 'Öffnen Sie ihn mit seiner Passphrase oder der PIN seines Tokens.',
  'VAULT_KEY_OTHER.says': 'Der Schlüssel {given} ist nicht der dieses Tresors; das ist {key}.',
  'VAULT_KEY_OTHER.next': 'Bringen Sie den Schlüsselspeicher oder das Token dieses Tresors. Nichts wurde geändert.',
  'VAULT_KEY_DAMAGED.says':
    'Der Schlüssel {key} öffnet nicht, was er einmal verschlossen hat: Er ist nicht mehr, was er war.',
  'VAULT_KEY_DAMAGED.next':
    'Halten Sie hier an und sagen Sie es der Sicherheitsverantwortlichen. Stellen Sie den Schlüssel aus seiner Sicherung wieder her; docs/ops/disaster-recovery.md.',
  'VAULT_KEY_GONE.says': 'Der Schlüssel dieses Tresors ist nicht in {where} ({cause}).',
  'VAULT_KEY_GONE.next':
    'Bringen Sie dieses Token oder diesen Schlüsselspeicher, wenn er nur nicht da ist. Ist er verloren: den Schlüsselspeicher aus seiner Kopie; einen Schlüssel im Token durch die Zeremonie vault-recovery, danach claviger vault move-key. docs/ops/disaster-recovery.md.',
  'TOKEN_KEK_NEEDED.says':
    'Im Ernstfall liegt ein solches Geheimnis unter einem Schlüssel in einem Token, und dieser Tresor hat einen Softwareschlüssel.',
  'TOKEN_KEK_NEEDED.next': 'Legen Sie den Tresor auf dem Token der Zeremonie vault-initialisation an.',
  'ROTATION_RUNNING.says': 'Ein Wechsel der Schlüssel des Tresors ist im Gang.',
  'ROTATION_RUNNING.next':
    'Lassen Sie ihn enden, oder sehen Sie ihn mit claviger vault rotate-key status an. Es gibt immer nur einen.',
  'ROTATION_NONE.says': 'Kein Wechsel der Schlüssel des Tresors ist im Gang.',
  'ROTATION_NONE.next': 'Beginnen Sie einen mit claviger vault rotate-key start oder claviger vault rotate --dek.',
  'ROTATION_NO_WAY_BACK.says': 'Dieser Wechsel lässt sich nicht mehr zurücknehmen.',
  'ROTATION_NO_WAY_BACK.next': 'Lassen Sie ihn zu Ende laufen: jedes Geheimnis bleibt lesbar.',
  'ROTATION_NOT_ACTIVE.says': 'Der neue Schlüssel gilt noch nicht; der Wechsel ist in der Phase {phase}.',
  'ROTATION_NOT_ACTIVE.next':
    'Warten Sie, bis jeder Datenschlüssel unter dem neuen liegt und geprüft ist: claviger vault rotate-key status.',
  'ROTATION_GRACE.says': 'Der alte Schlüssel bleibt bis {until}.',
  'ROTATION_GRACE.next':
    'Warten Sie bis dahin, oder zerstören Sie ihn jetzt mit --now: danach gibt es keinen Weg zurück.',
  'ROTATION_DAMAGED.says':
    '{count, plural, one {Eine Fassung eines Geheimnisses geht} other {# Fassungen von Geheimnissen gehen}} nicht auf; die erste gehört zu {secret}.',
  'ROTATION_DAMAGED.next':
    'Nichts wurde aufgegeben. Holen Sie sie aus einer Sicherung, oder löschen Sie das Geheimnis und speichern seinen Wert neu; setzen Sie den Wechsel dann fort.',
  'ROTATION_KEY_AWAY.says': 'Der Schlüssel {key}, den dieser Wechsel braucht, ist nicht offen.',
  'ROTATION_KEY_AWAY.next':
    'Bringen Sie seinen Schlüsselspeicher oder sein Token und setzen Sie den Wechsel fort. Lesen und Speichern gehen inzwischen weiter.',
  'ROTATION_NO_MASTER_KEY.says':
    'Das Token {token} hat keinen Hauptschlüssel, der einen neuen Schlüssel sichern könnte.',
  'ROTATION_NO_MASTER_KEY.next':
    'Nehmen Sie das Token der Zeremonie, die den Schlüssel des Tresors gemacht hat. Kein Schlüssel wurde gemacht.',
  'VAULT_REFUSED.says': 'Das gibt es nicht, oder nicht für Sie.',
  'VAULT_REFUSED.next': 'Fragen Sie einen Verwalter des Tresors: Das Journal sagt, warum.',
  'VAULT_RATE.says': 'Das war in einer Minute öfter gelesen, als die Regeln erlauben.',
  'VAULT_RATE.next': 'Warten Sie eine Minute und versuchen Sie es noch einmal.',
  'FIELD_DAMAGED.says': 'Dieses Feld ist nicht mehr, was verschlüsselt wurde.',
  'FIELD_DAMAGED.next':
    'Holen Sie die Zeile aus einer Sicherung. Wer in diese Tabelle schreiben darf, kann sie verändert haben.',
  'FILE_SEALED_DAMAGED.says': 'Diese versiegelte Datei lässt sich nicht öffnen: {detail}.',
  'FILE_SEALED_DAMAGED.next': 'Bringen Sie eine andere Kopie. Von dem, was schon gelesen war, wurde nichts behalten.',
  'FILE_SEALED_VERSION.says': 'Diese versiegelte Datei hat die Version {version}; die ist hier nicht bekannt.',
  'FILE_SEALED_VERSION.next': 'Öffnen Sie sie mit der Fassung, die sie geschrieben hat, oder einer neueren.',
  'EXPORT_DAMAGED.says': 'Dieser Export ist nicht der, der gemacht wurde: {detail}.',
  'EXPORT_DAMAGED.next':
    'Bringen Sie eine andere Kopie und vergleichen Sie ihren SHA-256 mit dem, der exportiert hat. Nichts wurde geschrieben.',
  'EXPORT_EMPTY.says': 'In diesem Namensraum ist nichts zu exportieren.',
  'EXPORT_EMPTY.next': 'Nennen Sie einen Besitzer und eine Umgebung mit Geheimnissen: claviger vault list.',
  'EXPORT_LARGE.says': 'Ein verschlüsselter Auszug fasst höchstens {limit} Bytes, und diese Zeilen haben mehr.',
  'EXPORT_LARGE.next': 'Geben Sie sie in Teilen aus, mit --from und --to.',
  'EXPORT_COLLIDES.says': '{secret} gibt es hier schon.',
  'EXPORT_COLLIDES.next':
    'Löschen Sie es zuerst, oder importieren Sie so, dass es eine neue Fassung bekommt (--replace): Was hier ist, bleibt dann als ältere. Nichts wurde geschrieben.',
  'VAULT_BACKUP_DAMAGED.says': 'Diese Sicherung enthält keinen ganzen Tresor: {detail}.',
  'VAULT_BACKUP_DAMAGED.next':
    'Bringen Sie eine andere Kopie oder eine frühere Sicherung. Nichts wurde wiederhergestellt.',
  'FOLDER_NOT_EMPTY.says': '{path} ist nicht leer.',
  'FOLDER_NOT_EMPTY.next':
    'Nennen Sie einen Ordner, den es noch nicht gibt: Beim Wiederherstellen wird nichts überschrieben.',
  'PURPOSE_MISSING.says': 'Die Regeln wollen wissen, wofür.',
  'PURPOSE_MISSING.next': 'Nennen Sie den Zweck und tun Sie dasselbe noch einmal.',
  'SECRET_DAMAGED.says': 'Was gespeichert ist, lässt sich nicht öffnen: Es wurde verändert.',
  'SECRET_DAMAGED.next':
    'Stellen Sie es aus einer Sicherung des Tresors wieder her und finden Sie heraus, wer es verändert hat.',
  'SECRET_UNKNOWN.says': 'Unter {secret} liegt kein Geheimnis, und dort lag nie eines.',
  'SECRET_UNKNOWN.next': 'Schreiben Sie Eigentümer/Umgebung/Name so, wie claviger vault list es tut.',
  'SECRET_NOT_READABLE.says': 'Ein Geheimnis der Art {category} wird nie herausgegeben.',
  'SECRET_NOT_READABLE.next': 'Lassen Sie den Tresor einen Wert daran prüfen: claviger vault verify.',
  'SECRET_NOT_VERIFIED.says': 'Ein Geheimnis der Art {category} wird gelesen, nicht geprüft.',
  'SECRET_NOT_VERIFIED.next': 'Benutzen Sie claviger vault get.',
  'VALUE_SIZE.says': 'Ein Wert hat 1 bis {limit} Byte; dieser hat {bytes}.',
  'VALUE_SIZE.next': 'Verschlüsseln Sie Größeres als Datei: claviger vault encrypt-file.',
  'CATEGORY_UNKNOWN.says': 'Die Regeln kennen keine Art {category}.',
  'CATEGORY_UNKNOWN.next': 'Nehmen Sie eine, die sie kennen; claviger vault policy zeigt sie.',
  'CATEGORY_OTHER.says': 'Dieses Geheimnis ist von der Art {category} und bleibt es.',
  'CATEGORY_OTHER.next': 'Lassen Sie die Art weg oder speichern Sie unter einem anderen Namen.',
  'CATEGORY_USED.says': 'Ein Geheimnis ist von der Art {category}.',
  'CATEGORY_USED.next': 'Lassen Sie sie in den Regeln, bis es keines mehr ist.',
  'POLICY_OUTDATED.says': 'Die Regeln sind inzwischen Fassung {version}.',
  'POLICY_OUTDATED.next': 'Lesen Sie sie noch einmal und ändern Sie diese.',
  'LOGIN_REFUSED.says': 'Damit wurde niemand eingelassen.',
  'LOGIN_REFUSED.next':
    'Prüfen Sie Name, Passwort und Code; ein Code gilt einmal. Nach mehreren Fehlern muss ein Verwalter entsperren.',
  'SESSION_OVER.says': 'Die Sitzung ist zu Ende.',
  'SESSION_OVER.next': 'Melden Sie sich noch einmal an.',
  'PASSWORD_SHORT.says': 'Ein Passwort hat {bytes} Byte oder mehr.',
  'PASSWORD_SHORT.next': 'Nehmen Sie ein längeres.',
  'PRINCIPAL_UNKNOWN.says': 'Der Tresor kennt niemanden, der {name} heißt.',
  'PRINCIPAL_UNKNOWN.next': 'Prüfen Sie den Namen.',
  'PRINCIPAL_EXISTS.says': 'Der Tresor kennt schon jemanden, der {name} heißt.',
  'PRINCIPAL_EXISTS.next': 'Nehmen Sie einen anderen Namen.',
  'PRINCIPAL_KIND.says':
    'Das geht für {name} nicht: Menschen haben Passwörter und Codes, Dienste haben Token und Zertifikate.',
  'PRINCIPAL_KIND.next': 'Prüfen Sie den Namen.',
  'PRINCIPAL_ONESELF.says': 'Das tut niemand für sich selbst.',
  'PRINCIPAL_ONESELF.next': 'Fragen Sie einen anderen Verwalter.',
  'CREDENTIAL_TAKEN.says': 'Damit kommt schon jemand anderes.',
  'CREDENTIAL_TAKEN.next': 'Nehmen Sie es dort zuerst weg oder benutzen Sie ein anderes.',
  'GRANT_UNKNOWN.says': 'Ein solches Recht, das Sie entziehen könnten, gibt es nicht: {grant}.',
  'GRANT_UNKNOWN.next': 'claviger vault grants zählt sie auf.',
  'GRANT_EXPIRED.says': 'Das Recht würde um {at} enden, und das ist vorbei.',
  'GRANT_EXPIRED.next': 'Nennen Sie eine spätere Zeit.',
  'GRANT_TO_ONESELF.says': 'Niemand gibt sich selbst ein Recht.',
  'GRANT_TO_ONESELF.next': 'Fragen Sie einen anderen Verwalter.',
  'REQUEST_UNKNOWN.says': 'Einen Antrag {request}, den Sie genehmigen könnten, gibt es nicht.',
  'REQUEST_UNKNOWN.next': 'Er kann benutzt oder abgelaufen sein; claviger vault requests zählt auf, was wartet.',
  'APPROVAL_OWN.says': 'Wer fragt, genehmigt nicht.',
  'APPROVAL_OWN.next': 'Zwei andere müssen es tun.',
  'APPROVAL_DIFFERENT.says': 'Was Ihnen gezeigt wurde, ist nicht, was beantragt ist.',
  'APPROVAL_DIFFERENT.next': 'Sehen Sie sich den Antrag noch einmal an.',
  'APPROVAL_TWICE.says': 'Sie haben das schon genehmigt.',
  'APPROVAL_TWICE.next': 'Jemand anderes muss es tun.',
  'ROTATOR_NONE.says': 'Nichts sagt, wie dieses Geheimnis der Art {category} zu einem neuen Wert kommt.',
  'ROTATOR_NONE.next':
    'Bringen Sie den neuen Wert: --file; oder geben Sie ihm einen Plan: claviger vault rotation set.',
  'ROTATOR_MISFIT.says': 'Ein Geheimnis der Art {category} wird nie herausgegeben, also kann es kein Rotator machen.',
  'ROTATOR_MISFIT.next': 'Speichern Sie den nächsten Wert mit claviger vault put.',
  'ROTATOR_PROGRAM.says':
    '{path} kann für eine Erneuerung nicht laufen: {why, select, missing {es ist nicht da} others {andere können es ändern} other {es ist kein Programm}}.',
  'ROTATOR_PROGRAM.next':
    'Legen Sie das Programm dort ab, als der Benutzer, unter dem der Halter läuft: ausführbar und für niemand anderen beschreibbar.',
  'ROTATOR_FAILED.says': 'Der Rotator {rotator} scheiterte bei {step}: {detail}.',
  'ROTATOR_FAILED.next':
    'Beheben Sie das und erneuern Sie es noch einmal: Es geht weiter, wo es war. Bis dahin bleibt die jetzige Fassung die neueste.',
  'RENEWAL_GRACE.says': 'Die vorige Fassung gilt bis {at}, und eine Erneuerung jetzt würde sie beenden.',
  'RENEWAL_GRACE.next': 'Warten Sie so lange. Wenn es nicht warten kann: --urgent.',
  'RENEWAL_RUNNING.says': 'Eine Erneuerung dieses Geheimnisses hat begonnen und nicht geendet.',
  'RENEWAL_RUNNING.next':
    'Beenden Sie sie mit claviger vault rotate oder nehmen Sie sie mit --back zurück. Nichts wurde gespeichert.',
  'RENEWAL_ROLLED_BACK.says': 'Die Erneuerung von {secret} wurde zurückgenommen: {detail}.',
  'RENEWAL_ROLLED_BACK.next':
    'Die jetzige Fassung gilt weiter. Beheben Sie, was scheiterte, und erneuern Sie es noch einmal.',
  'SECRET_OVERDUE.says':
    'Die Erneuerung dieses Geheimnisses ist überfällig, und die Regeln lassen es niemanden lesen, bis es erneuert ist.',
  'SECRET_OVERDUE.next': 'Erneuern Sie es: claviger vault rotate.',
  'VERSION_OVER.says': 'So eine ältere Fassung gilt nicht mehr.',
  'VERSION_OVER.next': 'Nehmen Sie die neueste.',
  'EMERGENCY_LIMIT.says': 'Nach den Regeln dauert ein Notzugriff höchstens {minutes} Minuten und gibt {rights}.',
  'EMERGENCY_LIMIT.next': 'Verlangen Sie weniger. Nichts wurde geöffnet.',
  'EMERGENCY_UNREVIEWED.says': 'Der Notzugriff {emergency} ist noch nicht geprüft.',
  'EMERGENCY_UNREVIEWED.next':
    'Ein anderer Verwalter legt die Prüfung ab: claviger vault break-glass review. Dann geht es wieder.',
  'EMERGENCY_UNKNOWN.says': 'Einen Notzugriff {emergency}, mit dem Sie das tun könnten, gibt es nicht.',
  'EMERGENCY_UNKNOWN.next': 'Er kann vorbei sein; claviger vault break-glass status zählt sie auf.',
  'EMERGENCY_OWN.says': 'Niemand prüft seinen eigenen Notzugriff.',
  'EMERGENCY_OWN.next': 'Eine andere Person, die den Tresor verwaltet, muss es tun.',
  'EMERGENCY_LIVE.says': 'Der Notzugriff dauert bis {at}.',
  'EMERGENCY_LIVE.next': 'Beenden Sie ihn oder warten Sie, bis er vorbei ist; dann prüfen Sie ihn.',
  'EMERGENCY_REVIEWED.says': 'Dieser Notzugriff ist schon geprüft.',
  'EMERGENCY_REVIEWED.next': 'Nichts ist zu tun. Die Prüfung steht im Journal.',
  'EMERGENCY_OPERATIONS.says':
    'Unter diesem Notzugriff stehen {operations} Zeilen des Journals, und geprüft wurde eine andere Zahl.',
  'EMERGENCY_OPERATIONS.next': 'Sehen Sie jede an und nennen Sie ihre Zahl. Nichts wurde abgelegt.',
  'NOTIFIER_FAILED.says': 'Jemand konnte nicht benachrichtigt werden: {detail}.',
  'NOTIFIER_FAILED.next': 'Es wird noch einmal versucht. Sehen Sie nach, was die Regeln über diesen Weg sagen.',
  'SOCKET_UNSAFE.says': '{path} kann von anderen verändert werden (Modus {mode}).',
  'SOCKET_UNSAFE.next': 'Legen Sie den Socket in einen Ordner, in den nur sein Eigentümer schreiben darf.',
  'SOCKET_TAKEN.says': 'Unter {place} ist schon jemand.',
  'SOCKET_TAKEN.next':
    'Beenden Sie zuerst den anderen Halter, oder nennen Sie einen anderen Ort. Nichts wurde entfernt.',
  'LOCKDOWN_MISSING.says': 'Dieses System kann den Speicher eines Halters nicht vor anderen Prozessen schützen.',
  'LOCKDOWN_MISSING.next': 'Lassen Sie den Halter unter Linux laufen.',
  'VAULT_UNREACHABLE.says': 'Unter {place} antwortet kein Halter eines Tresors.',
  'VAULT_UNREACHABLE.next':
    'Sehen Sie nach, ob dort claviger vault serve läuft und ob dieses Zertifikat von der CA ist, die ihm genannt wurde.',
  'VAULT_CALLS.says': 'Das waren mehr Aufrufe in einer Sekunde, als der Halter annimmt.',
  'VAULT_CALLS.next': 'Nichts wurde getan. Warten Sie einen Augenblick und versuchen Sie es noch einmal.',
};
