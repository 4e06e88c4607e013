/** Small scripts, of two custodians. */

type Step = [id: string, action: string, parameters: object];

/** A script of two custodians; people take their roles first, and the token is opened. */
export function scriptOf(empty: boolean, ...steps: Step[]): string {
  const all: Step[] = [['roles', 'take-roles', {}], ['token', 'open-token', { empty }], ...steps];
  return JSON.stringify({
    claviger: 1,
    ...{ title: 'Small', organisation: 'Example', purpose: 'A test.' },
    policy: { threshold: 2, shareCount: 2, softwareToken: 'allowed' },
    participants: { operator: 1, ceremonyAdministrator: 1, custodian: 2 },
    steps: all.map(([id, action, parameters]) => ({
      ...{
        id,
        section: 'Small',
        title: id,
        instruction: 'Do it.',
        action,
        acting: 'operator',
        primary: 'Do',
        parameters,
      },
    })),
  });
}

export const root = (label: string, file = `${label}.crt`): Step[] => [
  [label, 'generate-key', { label, algorithm: 'EC-P384', purpose: 'ca' }],
  [
    `${label}-certificate`,
    'issue-certificate',
    { key: label, profile: 'root-ca', subject: { commonName: label }, validityDays: 3000, file },
  ],
];

export const service = (label: string, issuer: string, file = `${label}.crt`): Step[] => [
  [label, 'generate-key', { label, algorithm: 'EC-P384', purpose: 'service' }],
  [
    `${label}-certificate`,
    'issue-certificate',
    { key: label, profile: 'service', issuer, subject: { commonName: label }, validityDays: 100, file },
  ],
];

export const masterKey = (label: string): Step => ['master', 'make-master-key', { label, scryptLog2N: 10 }];

/** Two shares that are printed and read back, as a policy says. */
export function printing(sheets: 'printer' | 'either'): string {
  const steps = [masterKey('master'), ...root('root'), ...service('ledger', 'root')];
  const sheetsStep: Step = ['sheets', 'print-sheets', { root: 'root', signedBy: 'ledger' }];
  const whole = JSON.parse(scriptOf(true, ...steps, sheetsStep, ['scan', 'scan-sheets', {}])) as { policy: object };
  return JSON.stringify({ ...whole, policy: { ...whole.policy, sheets } });
}
