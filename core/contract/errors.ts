/**
 * One taxonomy of expected failures. A code is stable; its text says what happened and what to do next.
 * `correct`: mend the input and do the same again. `retry`: nothing is wrong with the input. `abort`: stop and ask.
 */
export type Recovery = 'correct' | 'retry' | 'abort';

type Entry = { recovery: Recovery; says: string; next: string };

/** Texts may name a parameter in braces: `{path}`. */
export const ERRORS = {
  // the caller
  INPUT_INVALID: {
    recovery: 'correct',
    says: 'The input does not fit the command: {detail}.',
    next: 'Mend the input and try again.',
  },
  COMMAND_UNKNOWN: {
    recovery: 'correct',
    says: 'There is no command {command}.',
    next: 'See claviger --help for the commands.',
  },
  INTERNAL: {
    recovery: 'abort',
    says: 'Claviger met a state it did not foresee.',
    next: 'Stop here and keep the data folder as it is. What was done stands in the ledger.',
  },
  CORE_GONE: {
    recovery: 'retry',
    says: 'The core process has ended.',
    next: 'Start Claviger again and resume the ceremony: what was done stands in the ledger.',
  },
  // files
  FILE_MISSING: { recovery: 'correct', says: 'There is no file {path}.', next: 'Check the path.' },
  FILE_UNREADABLE: { recovery: 'correct', says: '{path} cannot be read.', next: 'Check its permissions.' },
  FILE_TOO_LARGE: {
    recovery: 'correct',
    says: '{path} is larger than {limitBytes} bytes.',
    next: 'Check that it is the right file.',
  },
  FILE_CHANGED: {
    recovery: 'correct',
    says: '{path} is no longer the file whose words were compared.',
    next: 'Compare its words again, or bring the right file.',
  },
  OUTPUT_EXISTS: {
    recovery: 'correct',
    says: '{path} exists already.',
    next: 'Name a new, empty folder. Nothing that a ceremony made is overwritten.',
  },
  OUTPUT_MISSING: {
    recovery: 'correct',
    says: 'The folder that should hold {path} is not there.',
    next: 'Make it, or mount the medium, and try again.',
  },
  OUTPUT_OTHER: {
    recovery: 'correct',
    says: 'The folder that should hold {path} is that of another ceremony.',
    next: 'Put in the medium of this ceremony. Nothing was written to this one or removed from it.',
  },
  OUTPUT_UNWRITABLE: {
    recovery: 'correct',
    says: '{path} cannot be written.',
    next: 'Check the permissions, or use another medium.',
  },
  OUTPUT_DIFFERS: {
    recovery: 'correct',
    says: '{path} does not read back as it was written.',
    next: 'The medium cannot be trusted. Use another one and do the step again.',
  },
  OUTPUT_FULL: {
    recovery: 'retry',
    says: 'There is no room left for {path}.',
    next: 'Make room on the medium and do the step again. Nothing half-written was left.',
  },
  // the store
  STORE_UNSAFE: {
    recovery: 'correct',
    says: '{path} may be read by others (mode {mode}).',
    next: 'Set the data folder to 0700 and its files to 0600.',
  },
  STORE_DAMAGED: {
    recovery: 'abort',
    says: 'The store {path} is damaged or not a Claviger store: {detail}.',
    next: 'Keep it as it is and work on a copy.',
  },
  STORE_BUSY: {
    recovery: 'retry',
    says: 'Another Claviger holds the store {path}.',
    next: 'Close the other one first.',
  },
  // the ledger
  LEDGER_ALTERED: {
    recovery: 'abort',
    says: 'The ledger was altered or is damaged. The first bad row is {seq}: {detail}.',
    next: 'Keep it as it is, work on a copy, and compare with an older copy and the checkpoints on paper.',
  },
  LEDGER_ROLLED_BACK: {
    recovery: 'abort',
    says: 'The ledger has {size} rows, and the checkpoint on paper says {paper}: the last {missing} are gone.',
    next: 'Do not go on with this copy. Look for the newest one: an older copy was put in its place.',
  },
  LEDGER_FORKED: {
    recovery: 'abort',
    says: 'The first {paper} rows are not those of the checkpoint on paper.',
    next: 'Check what was typed. If it is right, this ledger was rewritten: keep it as it is, and look for another copy.',
  },
  LEDGER_OTHER: {
    recovery: 'correct',
    says: 'The checkpoint on paper is of {paper}, and this ledger is {origin}.',
    next: 'Bring the paper of this store, or the store of this paper.',
  },
  LEDGER_FILE_INVALID: {
    recovery: 'correct',
    says: '{path} is not an export of a ledger, or was damaged: {detail}.',
    next: 'Make it again with claviger ledger export.',
  },
  LEDGER_SEGMENT_MISSING: {
    recovery: 'correct',
    says: 'The segment {file} of the ledger, rows {from} to {to}, is missing.',
    next: 'Put it back into the data folder from a copy: its hash stands in the ledger.',
  },
  LEDGER_SEGMENT_DAMAGED: {
    recovery: 'correct',
    says: 'The segment {file} of the ledger, rows {from} to {to}, is not the file that was sealed.',
    next: 'Put it back into the data folder from a copy: its hash stands in the ledger.',
  },
  LEDGER_KEY_ELSEWHERE: {
    recovery: 'correct',
    says: 'The key that signs this ledger is not in this token, so it cannot hand over to another.',
    next: 'Use the token that holds it, or begin with a data folder of its own.',
  },
  LEDGER_KEY_OTHER: {
    recovery: 'correct',
    says: 'The key {label} is not the one that signs this ledger.',
    next: 'Name the ledger key in the script, or make this one the ledger key: signsLedger, where it is certified.',
  },
  LEDGER_SIGNATURE_REFUSED: {
    recovery: 'correct',
    says: 'The signature for the ledger would not verify: {detail}.',
    next: 'Set the clock right, if it is the time; else have the ledger key certified anew. Nothing was recorded.',
  },
  STORE_OF_OTHER_MODE: {
    recovery: 'correct',
    says: 'The ceremonies of this data folder are {mode}.',
    next: 'Give training and live ceremonies a data folder each (--data, CLAVIGER_DATA): their ledgers are never mixed.',
  },
  CHECKPOINT_OLDER: {
    recovery: 'correct',
    says: 'The checkpoint is of {paper} rows; the newest that was signed is of {size}.',
    next: 'Bring the one from the last transcript, or say why nobody has it: that goes into the record.',
  },
  CHECKPOINT_UNSAID: {
    recovery: 'correct',
    says: 'A live ceremony begins with the last checkpoint from paper, or with a word why there is none.',
    next: 'Type it from the last transcript; for the first ceremony of all say so (--checkpoint-lost "the first ceremony").',
  },
  LEDGER_NOT_SIGNED: {
    recovery: 'correct',
    says: 'The newest signed checkpoint covers {signed} rows, and row {seq} is asked for.',
    next: 'Ask for rows that it covers, or sign a checkpoint: every ceremony ends with one.',
  },
  LEDGER_ROW_UNKNOWN: {
    recovery: 'correct',
    says: 'There is no row {seq}: the ledger has {size}.',
    next: 'See claviger ledger list.',
  },
  CHECKPOINT_INVALID: {
    recovery: 'correct',
    says: 'The checkpoint cannot be read: {detail}.',
    next: 'Give its three lines as they are printed, or its size and the 32 words of its root.',
  },
  CHECKPOINT_NEEDED: {
    recovery: 'correct',
    says: 'The ceremony before left a checkpoint of {size} rows on paper, and it was not given.',
    next: 'Type or scan it from the last transcript, or say why nobody has it: that goes into the record.',
  },
  CHECKPOINT_OUTSIDE: {
    recovery: 'correct',
    says: 'The checkpoint on paper is of {paper} rows, and this export can show the tree of {from} to {to} rows only.',
    next: 'Bring an export that reaches there, or verify the store.',
  },
  // scripts and answers
  SCRIPT_INVALID: {
    recovery: 'correct',
    says: 'The script {path} is not valid: {detail}.',
    next: 'Mend the script before the day. Nothing was touched.',
  },
  ANSWERS_INVALID: {
    recovery: 'correct',
    says: 'The answers {path} are not valid: {detail}.',
    next: 'Mend the answers file.',
  },
  ANSWER_MISSING: {
    recovery: 'correct',
    says: 'The answers file says nothing for {question}.',
    next: 'Add the answer, or run without --answers and type it.',
  },
  ANSWERS_REFUSED_LIVE: {
    recovery: 'correct',
    says: 'A live ceremony takes no passphrase from an answers file.',
    next: 'Leave the passphrases out: each custodian types their own.',
  },
  // the ceremony
  CEREMONY_UNKNOWN: {
    recovery: 'correct',
    says: 'There is no ceremony {ceremony}.',
    next: 'List them and choose one.',
  },
  CEREMONY_NONE: {
    recovery: 'correct',
    says: 'No ceremony is unfinished.',
    next: 'Begin one with claviger ceremony run.',
  },
  CEREMONY_RUNNING: {
    recovery: 'correct',
    says: 'Ceremony {ceremony} is not finished.',
    next: 'Resume it, or abort it with a reason, before another begins.',
  },
  CEREMONY_PAUSED: {
    recovery: 'correct',
    says: 'The ceremony is paused.',
    next: 'Continue it by name first.',
  },
  CEREMONY_NOT_PAUSED: {
    recovery: 'correct',
    says: 'The ceremony is not paused.',
    next: 'Go on with its step.',
  },
  SECOND_MEDIUM_MISSING: {
    recovery: 'correct',
    says: 'A live ceremony writes every file to two media.',
    next: 'Name a new folder on a second medium as well.',
  },
  CEREMONY_OVER: {
    recovery: 'abort',
    says: 'This ceremony is {status}.',
    next: 'Nothing more can be done in it. Begin another.',
  },
  STEP_NOT_CURRENT: {
    recovery: 'retry',
    says: 'Step {step} is not the one to do now.',
    next: 'Go on with the step that is shown.',
  },
  STEP_INTERRUPTED: {
    recovery: 'retry',
    says: 'Step {step} was interrupted.',
    next: 'Resume first: what really happened is read back.',
  },
  STEP_RUNNING: { recovery: 'retry', says: 'Step {step} is being done.', next: 'Wait until it has finished.' },
  ANSWERS_PENDING: {
    recovery: 'correct',
    says: 'Step {step} still waits for {asks}.',
    next: 'Give what is asked, then go on.',
  },
  CONFIRMATION_MISSING: {
    recovery: 'correct',
    says: 'The {role} has not confirmed step {step}.',
    next: 'Let them confirm it, then go on.',
  },
  SHOWN_DIFFERENT: {
    recovery: 'correct',
    says: 'What step {step} shows has changed since it was looked at; nothing was confirmed.',
    next: 'Look at it again: custodians, numbers, answers. Then confirm what is shown now.',
  },
  ASK_UNKNOWN: { recovery: 'correct', says: 'Step {step} does not ask for {ask}.', next: 'Give what is asked.' },
  DUAL_CONTROL: {
    recovery: 'correct',
    says: '{person} cannot hold two roles.',
    next: 'Let another person take one of them.',
  },
  PERSON_UNKNOWN: {
    recovery: 'correct',
    says: '{person} is not one of the people of this ceremony.',
    next: 'Give the name of somebody who took a role. What an observer saw is recorded by one of them.',
  },
  PARTICIPANTS_MISSING: {
    recovery: 'correct',
    says: 'The role {role} needs {needed} and has {present}.',
    next: 'Name the missing people.',
  },
  PREFLIGHT_MISSING: {
    recovery: 'correct',
    says: 'Step {step} of a live ceremony uses the token, and no preflight stands before it.',
    next: 'Put a step with the action preflight before it, or run in training.',
  },
  PREFLIGHT_FAILED: {
    recovery: 'correct',
    says: 'This machine is not fit: {checks}.',
    next: 'Mend what is named and check again.',
  },
  WORDS_DIFFER: {
    recovery: 'abort',
    says: 'Not every word was matched by both.',
    next: 'If a word differs, stop: record a deviation or abort.',
  },
  PASSPHRASE_WEAK: {
    recovery: 'correct',
    says: 'The passphrase is shorter than {minimum} characters.',
    next: 'Choose a longer one: seven words drawn at random are good.',
  },
  PASSPHRASE_REPEATED: {
    recovery: 'correct',
    says: 'Two custodians have chosen the same passphrase.',
    next: 'Let each choose their own, in private.',
  },
  RECIPIENT_MISSING: {
    recovery: 'correct',
    says: 'A live ceremony needs the certificate of the system that will open the bundle.',
    next: 'Bring the recipient certificate as a PEM file and name it.',
  },
  PIN_SHORT: {
    recovery: 'correct',
    says: 'The PIN is shorter than {minimum} characters.',
    next: 'Choose a longer one.',
  },
  INPUT_ENDED: {
    recovery: 'correct',
    says: 'The input ended before every question was answered.',
    next: 'Run it in a terminal, or with --answers, and resume the ceremony.',
  },
  SHARES_MISSING: {
    recovery: 'abort',
    says: 'The store holds {present} of {expected} encrypted shares.',
    next: 'Stop: the sheets cannot be made or compared. The share set must be made anew.',
  },
  REHEARSAL_LEFT: {
    recovery: 'abort',
    says: 'The rehearsal left {labels} on the rehearsal token.',
    next: 'Destroy them on the token by hand and record it.',
  },
  // tokens
  TOKEN_FILE_CHANGED: {
    recovery: 'correct',
    says: 'The token file {path} is not the one that this ceremony began with.',
    next: 'Put the first one back, byte for byte.',
  },
  TOKEN_DIFFERENT: {
    recovery: 'abort',
    says: 'This token has the serial number {actual}; the ceremony began on {expected}.',
    next: 'Connect the token that the ceremony began on. Nothing was done on this one.',
  },
  TOKEN_FILE_INVALID: {
    recovery: 'correct',
    says: 'The token file {path} is not valid: {detail}.',
    next: 'Mend it; README.md shows one.',
  },
  TOKEN_FILE_MISSING: {
    recovery: 'correct',
    says: 'This ceremony needs a token behind a PKCS#11 module.',
    next: 'Name one in a token file (--token). The software token needs no initialisation.',
  },
  MODULE_MISSING: {
    recovery: 'correct',
    says: 'There is no PKCS#11 module at {path}.',
    next: 'Install the module, or correct the path in the token file.',
  },
  MODULE_UNUSABLE: {
    recovery: 'correct',
    says: '{path} is not a working PKCS#11 module ({detail}).',
    next: 'Correct the path in the token file.',
  },
  TOKEN_MISSING: {
    recovery: 'correct',
    says: 'The module shows no token labelled {label}.',
    next: 'Insert or initialise it, or correct the label.',
  },
  SLOT_MISSING: {
    recovery: 'correct',
    says: 'The module shows no token in {position}.',
    next: 'See claviger token list for its slots.',
  },
  TOKEN_INITIALISED: {
    recovery: 'correct',
    says: 'The token {label} (serial {serial}) is in use: it has a user PIN.',
    next: 'Name another slot. To destroy everything on it, say so: --wipe, or wipe: true in the script.',
  },
  TOKEN_AMBIGUOUS: {
    recovery: 'correct',
    says: 'The module shows several tokens labelled {label}.',
    next: 'Give each a label of its own.',
  },
  TOKEN_GONE: {
    recovery: 'retry',
    says: 'The token process has ended ({detail}).',
    next: 'Check the token and its cable, then resume: what it holds is read back.',
  },
  TOKEN_FAILED: {
    recovery: 'retry',
    says: 'The token refused {operation} ({ckr}).',
    next: 'Check the token, then try the step again.',
  },
  POOL_BUSY: {
    recovery: 'retry',
    says: 'All tokens are busy, and {limit} calls wait already.',
    next: 'Try again in a moment, or add a token.',
  },
  ENTROPY_STUCK: {
    recovery: 'abort',
    says: 'The random numbers of the {source} are stuck.',
    next: 'Do not use it. Nothing was made: abort, and begin again with another token or machine.',
  },
  DICE_INVALID: {
    recovery: 'correct',
    says: 'The dice rolls cannot be used: {detail}.',
    next: 'Roll again, and type every roll as a digit from 1 to 6. Nothing was made.',
  },
  TOKEN_LIED: {
    recovery: 'abort',
    says: 'The token does not hold what it was asked to: {label} has {attribute} {actual}, not {expected}.',
    next: 'Do not use this token. Abort, and keep its firmware version.',
  },
  TOKEN_NOT_LIVE: {
    recovery: 'correct',
    says: 'A live ceremony does not run on a software token.',
    next: 'Name an HSM in the token file, and one for the rehearsal, or run in training. A policy may allow it by name.',
  },
  PIN_WRONG: { recovery: 'correct', says: 'The {pin} is wrong.', next: 'Check it before the next try: tokens lock.' },
  PIN_LOCKED: {
    recovery: 'abort',
    says: 'The {pin} is locked.',
    next: 'Unlock the token with its security officer, then resume.',
  },
  PIN_LAST_TRY: {
    recovery: 'correct',
    says: 'The {pin} locks if the next try is wrong.',
    next: 'Check it on its envelope, and let a second person agree by name before it is tried.',
  },
  PIN_REPEATED: {
    recovery: 'correct',
    says: 'The security officer and the user have chosen the same PIN.',
    next: 'Let two people choose, each alone.',
  },
  PIN_SOURCE: {
    recovery: 'correct',
    says: 'The {pin} cannot be had from {source}.',
    next: 'Correct the source in the token file.',
  },
  KEY_EXISTS: {
    recovery: 'abort',
    says: 'The token holds a key labelled {label} already.',
    next: 'Use an empty token, or another label. No key is overwritten.',
  },
  KEY_MISSING: { recovery: 'abort', says: 'The token holds no key labelled {label}.', next: 'Check the token.' },
  KEY_AMBIGUOUS: {
    recovery: 'abort',
    says: 'The token holds several keys labelled {label}.',
    next: 'Do not go on: find out which is which.',
  },
  KEY_UNRECORDED: {
    recovery: 'abort',
    says: 'No finished ceremony in this store made a key labelled {label}.',
    next: 'Run it in the store of the ceremony that made the key, or correct the label in the script.',
  },
  KEY_DIFFERENT: {
    recovery: 'abort',
    says: 'The token holds a key labelled {label}, and it is not the one that the ledger knows.',
    next: 'Do not use it. Find out whose token this is, and where that key came from.',
  },
  MECHANISM_MISSING: {
    recovery: 'abort',
    says: 'The token does not offer {mechanism}.',
    next: 'Use a token that does.',
  },
  CIPHERTEXT_UNOPENED: {
    recovery: 'abort',
    says: 'What was encrypted under {label} does not open: it was altered, or it belongs to another context.',
    next: 'Do not use it. Bring an unaltered copy.',
  },
  ATTESTATION_INVALID: {
    recovery: 'abort',
    says: 'The attestation of the key cannot be believed: {detail}.',
    next: 'Do not use this key. Bring the attestation of this device, and the root of its vendor.',
  },
  BACKUP_DAMAGED: {
    recovery: 'correct',
    says: 'The backup on paper does not check: {detail}.',
    next: 'Scan every code of the sheet again, or type the line again, or take the file from one of the two media.',
  },
  BACKUP_UNOPENED: {
    recovery: 'correct',
    says: 'The backup of {label} does not open under this master key.',
    next: 'Bring the backup that belongs to this share set.',
  },
  BACKUP_CHANGED: {
    recovery: 'correct',
    says: '{path} is not the backup of {label} that the ledger knows.',
    next: 'Bring the file from the other medium, or the blob of the backup sheet.',
  },
  // requests and revocation
  REQUEST_INVALID: {
    recovery: 'correct',
    says: 'The certificate request {path} cannot be used: {detail}.',
    next: 'Bring a PKCS#10 request that is signed by its own key, as PEM or DER.',
  },
  REQUEST_KEY_REFUSED: {
    recovery: 'correct',
    says: 'The key in {path} is refused: {detail}.',
    next: 'Bring a request for an EC key on P-256 or P-384, or an RSA key of 3072 bits or more.',
  },
  REQUEST_SUBJECT_DIFFERENT: {
    recovery: 'correct',
    says: 'The request asks for {actual}; the script says {expected}.',
    next: 'Bring the right request. If the subject in the script is wrong, the script is reviewed again first.',
  },
  REVOCATION_INVALID: {
    recovery: 'correct',
    says: 'This cannot be revoked: {detail}.',
    next: 'Correct the line or the file. Nothing was revoked.',
  },
  REVOCATION_LIST_PROFILE: {
    recovery: 'abort',
    says: 'No revocation list was made: {detail}.',
    next: 'Correct the script, and have it reviewed again.',
  },
  // shares
  SHARES_UNRECORDED: {
    recovery: 'abort',
    says: 'No finished ceremony in this store split a master key labelled {label}.',
    next: 'Run it in the store of the ceremony that made the shares, or correct the label in the script.',
  },
  POLICY_DIFFERENT: {
    recovery: 'abort',
    says: 'The script says any {asked}; the share set was made as any {made}.',
    next: 'Correct policy in the script: what was split stays split.',
  },
  CUSTODIAN_UNKNOWN: {
    recovery: 'abort',
    says: '{person} holds no share of this set.',
    next: 'Begin again with custodians who do, or record the hand-over first.',
  },
  CUSTODY_UNRECORDED: {
    recovery: 'abort',
    says: 'No custody register of this share set is in this store.',
    next: 'Run it in the store of the ceremony that sealed the bags.',
  },
  SHARE_DAMAGED: {
    recovery: 'correct',
    says: 'The share does not check: {detail}.',
    next: 'Scan the other code of the sheet, or type the line again.',
  },
  SHARE_UNKNOWN_FORMAT: {
    recovery: 'correct',
    says: 'This is not a Claviger share.',
    next: 'Bring the share sheet; its text begins with CLV1.',
  },
  SHARE_NOT_THEIRS: {
    recovery: 'correct',
    says: 'This is share {given}, and share {asked} is asked for.',
    next: 'Let each custodian show the sheet with their own number.',
  },
  SHARE_FOREIGN: {
    recovery: 'correct',
    says: 'Share {x} is of another set.',
    next: 'Bring the sheet of the set that is named on the manifest sheet.',
  },
  SHARE_OF_EXERCISE: {
    recovery: 'correct',
    says: 'Share {x} is of an exercise: it recovers nothing.',
    next: 'Shred it, and bring the real sheet: it says Key share at its head.',
  },
  SHARE_NOT_OF_EXERCISE: {
    recovery: 'correct',
    says: 'Share {x} is not of an exercise, and this is one.',
    next: 'Put it back into a bag, seal it anew, and record that it was shown here. Bring the dummy sheet.',
  },
  SHARE_NOT_LOST: {
    recovery: 'abort',
    says: 'Share {x} is the one that is to be made again, and its sheet was shown: it is not lost.',
    next: 'Stop. If its passphrase is known, nothing needs to be replaced; if not, let others bring their sheets.',
  },
  CUSTODIAN_TWICE: {
    recovery: 'abort',
    says: '{person} would hold two shares of one set.',
    next: 'Begin again with somebody who holds none.',
  },
  EPOCHS_SPENT: {
    recovery: 'abort',
    says: 'This master key has been shared {epochs} times: there is no number for another set.',
    next: 'Rotate the master key.',
  },
  MASTER_KEY_RETIRED: {
    recovery: 'abort',
    says: 'The master key {label} was replaced in ceremony {ceremony} and destroyed in the token.',
    next: 'Name the master key that was made there. Old backups still open with the old sheets, by a recovery outside.',
  },
  BACKUP_NOT_RENEWED: {
    recovery: 'abort',
    says: 'The backup of {label} opens under the old master key alone.',
    next: 'Add {label} to find-keys and to backup-keys in the script, or destroy that key first. Nothing was destroyed.',
  },
  SHARE_OLD_EPOCH: {
    recovery: 'correct',
    says: 'Share {x} is of another set, of epoch {epoch}; the set in use is of epoch {current}.',
    next: 'Bring the sheet of the newer set. Keep this one safe: with enough others of its epoch it still opens.',
  },
  SHEET_OTHER: {
    recovery: 'correct',
    says: 'This is a code of {sheet}, and not a share.',
    next: 'Bring the share sheet: it says Key share at its head.',
  },
  PICTURE_UNREADABLE: {
    recovery: 'correct',
    says: 'No share can be read from {path}: {detail}.',
    next: 'Take the picture of the paper itself, flat, sharp and evenly lit, with one whole code in it; or type the eight lines.',
  },
  SHARE_REPEATED: { recovery: 'correct', says: 'The same share was given twice.', next: 'Bring another sheet.' },
  SHARES_TOO_FEW: {
    recovery: 'correct',
    says: '{present} shares were given and {threshold} are needed.',
    next: 'Bring more sheets of the same set.',
  },
  SHARE_PASSPHRASE_WRONG: {
    recovery: 'correct',
    says: 'The passphrase of share {x} is wrong.',
    next: 'Type it again from the card.',
  },
  PASSPHRASE_THROTTLED: {
    recovery: 'retry',
    says: 'The passphrase of share {share} was wrong too often. The next try is in {seconds} seconds.',
    next: 'Read the card again, slowly, and wait. Nothing is lost.',
  },
  SHARE_ALTERED: {
    recovery: 'abort',
    says: 'Share {x} opens but is not the one that was made.',
    next: 'Set this sheet aside as evidence and bring another.',
  },
  SHARES_WRONG_SECRET: {
    recovery: 'abort',
    says: 'These shares do not give the master key.',
    next: 'Stop. Check every share alone against the manifest.',
  },
  MANIFEST_INVALID: {
    recovery: 'correct',
    says: 'The manifest of the share set is not valid: {detail}.',
    next: 'Bring the manifest that was made with these shares.',
  },
  SHEET_UNREADABLE: {
    recovery: 'retry',
    says: 'The sheet {path} does not scan back to what was printed on it.',
    next: 'Print and scan it again.',
  },
  // printers
  SPOOLER_MISSING: {
    recovery: 'correct',
    says: 'The program {program} is not installed, so nothing can be printed from here.',
    next: 'Install CUPS (Debian: cups, cups-client), or print the files of the sheets elsewhere.',
  },
  PRINTER_UNKNOWN: {
    recovery: 'correct',
    says: 'CUPS knows no printer {printer}. It knows: {known}.',
    next: 'See claviger printer list. A printer is set up with lpadmin, before the day.',
  },
  PRINTER_REFUSED: {
    recovery: 'retry',
    says: 'The printer {printer} did not do it: {detail}.',
    next: 'Look at the printer: paper, toner, whether it is switched on. Then try again.',
  },
  SPOOL_HOLDS: {
    recovery: 'abort',
    says: 'After the purge the spool still holds what was printed: {path}.',
    next: 'Do not give this machine away. Remove the file, and find out why CUPS kept it before a share is printed.',
  },
  // bundles
  BUNDLE_DAMAGED: {
    recovery: 'correct',
    says: 'The bundle is damaged or was altered: {detail}.',
    next: 'Copy it again from the ceremony medium. Nothing was written.',
  },
  BUNDLE_NOT_FOR_KEY: {
    recovery: 'correct',
    says: 'The bundle is not encrypted to this key.',
    next: 'Use the key whose certificate was taken to the ceremony. Nothing was written.',
  },
  BUNDLE_UNTRUSTED: {
    recovery: 'abort',
    says: 'The bundle is not signed under the root that is trusted here.',
    next: 'Do not import it. Compare the root fingerprint with the transcript.',
  },
  BUNDLE_EXPIRED: {
    recovery: 'abort',
    says: 'The bundle expired at {expires}.',
    next: 'Ask for a new one. Nothing was written.',
  },
  BUNDLE_REPLAYED: {
    recovery: 'abort',
    says: 'Bundle {sequence} is not newer than {last}, which was imported already.',
    next: 'Look for a newer bundle. Nothing was written.',
  },
  BUNDLE_FORKED: {
    recovery: 'abort',
    says: 'Bundle {sequence} does not follow the one that was imported before it.',
    next: 'Do not import it. Two bundles were made with one number: compare both with the transcripts.',
  },
  CERTIFICATE_INVALID: {
    recovery: 'correct',
    says: 'The certificate {path} cannot be used: {detail}.',
    next: 'Bring an EC (P-256, P-384) or RSA certificate as PEM.',
  },
  CERTIFICATE_PROFILE: {
    recovery: 'correct',
    says: 'The certificate breaks its profile: {detail}.',
    next: 'Correct what is named in the script. Nothing was issued.',
  },
  KEY_FILE_INVALID: {
    recovery: 'correct',
    says: 'The key file {path} cannot be used: {detail}.',
    next: 'Bring the private key as unencrypted PEM (PKCS#8).',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorParams = Record<string, string | number>;

/** One thing that is wrong in a file that people write, and where: lines and columns from 1, null where it is no part of the text. */
export type Complaint = { line: number | null; column: number | null; step: string | null; message: string };

/** An expected failure as a value: what crosses every process boundary. `complaints`: every one, where there may be several. */
export type ErrorValue = { code: ErrorCode; params: ErrorParams; recovery: Recovery; complaints?: Complaint[] };

/** What every command answers. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: ErrorValue };

/** An expected failure on its way to the process boundary, where `outcomeOf` makes it a value. Never carries a secret. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  readonly complaints: Complaint[];
  constructor(code: ErrorCode, params: ErrorParams = {}, complaints: Complaint[] = []) {
    super(code);
    this.code = code;
    this.params = params;
    this.complaints = complaints;
  }
  get value(): ErrorValue {
    const { code, params, complaints } = this;
    return { code, params, recovery: ERRORS[code].recovery, ...(complaints.length > 0 ? { complaints } : {}) };
  }
}

/** The error's two English sentences: what happened, and what to do next. */
export function explain(error: ErrorValue): { says: string; next: string } {
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name: string) => String(error.params[name] ?? name));
  const entry = ERRORS[error.code];
  return { says: fill(entry.says), next: fill(entry.next) };
}
