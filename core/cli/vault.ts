import type { Command } from 'commander';
import { addVaultAccessCommands } from './vault-access.ts';
import { addVaultEmergencyCommands } from './vault-emergency.ts';
import { addVaultKeepingCommands } from './vault-keeping.ts';
import { addVaultRenewalCommands } from './vault-renewal.ts';
import { addVaultPrincipalCommands } from './vault-principals.ts';
import { addVaultRotationCommands } from './vault-rotation.ts';
import { addVaultSecretCommands } from './vault-secrets.ts';
import { addVaultServeCommands } from './vault-serve.ts';

/** `claviger vault …` */
export function addVaultCommands(program: Command): void {
  const vault = program.command('vault').description('Secrets under policy.');
  addVaultServeCommands(vault);
  addVaultSecretCommands(vault);
  addVaultRenewalCommands(vault);
  addVaultAccessCommands(vault);
  addVaultPrincipalCommands(vault);
  addVaultKeepingCommands(vault);
  addVaultRotationCommands(vault);
  addVaultEmergencyCommands(vault);
}
