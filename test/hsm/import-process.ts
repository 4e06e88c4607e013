/**
 * A process that brings a key into a SoftHSM token and then does nothing at all, for master-key-import.test.ts to look into. Standard input: a mask of 32 bytes, the key under the mask.
 * Arguments: module, PIN. It answers one byte.
 */
import { readSync, writeSync } from 'node:fs';
import pkcs11 from 'pkcs11js';
import { bringIn } from '../../core/hsm/pkcs11/master-key-import.ts';
import { guarded, wipe } from '../../core/process/guarded.ts';

const [path = '', pin = ''] = process.argv.slice(2);
const input = Buffer.alloc(64);
for (let filled = 0; filled < input.length;) filled += readSync(0, input, filled, input.length - filled, null);

const module = new pkcs11.PKCS11();
module.load(path);
module.C_Initialize();
const [slot] = module.C_GetSlotList(true);
if (!slot) throw new Error('no token');
const handle = module.C_OpenSession(slot, pkcs11.CKF_RW_SESSION | pkcs11.CKF_SERIAL_SESSION);
module.C_Login(handle, pkcs11.CKU_USER, pin);
const key = guarded(32);
for (let index = 0; index < 32; index += 1) key[index] = (input[32 + index] ?? 0) ^ (input[index] ?? 0);
const template = [
  { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
  { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_AES },
  { type: pkcs11.CKA_TOKEN, value: false },
  { type: pkcs11.CKA_SENSITIVE, value: true },
];
const answer = Buffer.from('.');
bringIn({ module, handle }, template, key, 'user', 'in the clear');
wipe(key);
writeSync(1, answer);
readSync(0, answer, 0, 1, null);
