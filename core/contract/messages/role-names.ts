import { ROLE_NAMES, type Role } from '../roles.ts';
import type { Locale } from './locale.ts';

const NAMES: Record<Locale, Record<Role, string>> = {
  en: ROLE_NAMES,
  de: {
    ceremonyAdministrator: 'Zeremonienleitung',
    operator: 'Bediener/in',
    witness: 'Zeuge/Zeugin',
    auditor: 'Prüfer/in',
    custodian: 'Schlüsselträger/in',
    newCustodian: 'Neue/r Schlüsselträger/in',
  },
};

/** What a role is called in the language of a ceremony. */
export function roleName({ language }: { language: Locale }, role: Role): string {
  return NAMES[language][role];
}
