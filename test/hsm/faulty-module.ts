import { compileModule } from './compile-module.ts';

export type Fault =
  | 'crash on load'
  | 'crash in C_Sign'
  | 'PIN low'
  | 'PIN final try'
  | 'PIN locked'
  | 'PIN pad'
  | 'PIN pad, last try of the officer'
  | 'lies about extractable'
  | 'lies about decrypt'
  | 'lies about the public key'
  | 'lies about the label'
  | 'drops an attribute'
  | 'keeps what is destroyed'
  | 'full'
  | 'no key in the clear'
  | 'session lost'
  | 'device removed';

/** SoftHSM 2 with one fault. */
export function compileFaultyModule(): { path: string; remove: () => void } {
  return compileModule('faulty-module.c');
}

/** What the module does wrong from now on, in this process and in those that it starts. */
export function setFault(fault: Fault | null): void {
  if (fault === null) delete process.env['FAULT'];
  else process.env['FAULT'] = fault;
}
