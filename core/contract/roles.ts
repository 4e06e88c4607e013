/**
 * Who acts and who watches. One person holds one role (dual control), but for this: who brings a sheet that was made earlier
 * (`custodian`) may also take one that this ceremony makes (`newCustodian`).
 */
export const ROLES = ['ceremonyAdministrator', 'operator', 'witness', 'auditor', 'custodian', 'newCustodian'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_NAMES: Record<Role, string> = {
  ceremonyAdministrator: 'Ceremony administrator',
  operator: 'Operator',
  witness: 'Witness',
  auditor: 'Auditor',
  custodian: 'Custodian',
  newCustodian: 'New custodian',
};
