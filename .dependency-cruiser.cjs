/** The arrows of docs/architecture.md: the folder tree is the architecture, and this keeps it true. */
const only = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(core|electron|renderer|test)/', pathNot: [from, ...to] },
});
const CONTRACT = '^core/contract/';
const PROCESS = '^core/process/';
const STORE = '^core/store/';

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-import',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^electron$|\\?url$' },
    },
    { name: 'no-tests-in-the-product', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    only('contract-stands-alone', CONTRACT, []),
    only('window-knows-the-contract', '^renderer/(?!entry/)', [CONTRACT]),
    // What a line and a share's text are is checked where they are typed, by core's own code: pure, without Node.
    only('entry-knows-what-a-share-is', '^renderer/entry/', [
      '^renderer/messages/',
      CONTRACT,
      '^core/shares/(lines|line-check|share|checksum|alphabet)\\.ts',
    ]),
    only('process-is-a-leaf', PROCESS, [CONTRACT]),
    only('store-is-a-leaf', STORE, [CONTRACT, PROCESS]),
    only('shares-know-no-ceremony', '^core/shares/', [CONTRACT, PROCESS]),
    only('pki-knows-no-ceremony', '^core/pki/', [CONTRACT, PROCESS, STORE]),
    only('hsm-knows-no-ceremony', '^core/hsm/', [CONTRACT, PROCESS, STORE, '^core/shares/']),
    only('kms-is-above-hsm', '^core/kms/', [CONTRACT, PROCESS, STORE, '^core/hsm/', '^core/shares/passphrase\\.ts']),
    only('print-knows-no-ceremony', '^core/print/', [CONTRACT, '^core/shares/']),
    only('ledger-knows-no-ceremony', '^core/ledger/', [CONTRACT, PROCESS, STORE, '^core/pki/']),
    only('bundle-is-above-pki', '^core/bundle/', [CONTRACT, PROCESS, STORE, '^core/(pki|ledger|shares)/']),
    only('ceremony-is-above', '^core/ceremony/', [
      '^core/(contract|process|store|hsm|pki|shares|kms|ledger|bundle|print)/',
    ]),
    only('rotators-know-no-vault', '^core/rotators/', [CONTRACT, PROCESS]),
    only('vault-knows-no-ceremony', '^core/vault/', [
      CONTRACT,
      PROCESS,
      STORE,
      '^core/(kms|ledger|bundle|hsm|pki|rotators)/',
    ]),
    // The rows of a vault are told by their kinds alone.
    only('reports-read-ceremonies', '^core/reports/', [CONTRACT, '^core/ceremony/', '^core/vault/kinds\\.ts']),
    only('cli-is-a-face', '^core/cli/', [
      CONTRACT,
      PROCESS,
      STORE,
      '^core/client/',
      '^core/service/(client|holder-client|paths)',
      '^core/hsm/(pin-source|token-file|process/protocol)',
      '^core/kms/passphrase-variable',
    ]),
    // What other programs load: it holds no key and opens no store.
    // Fields and files are sealed where they are, under data keys that the holder makes and opens.
    only('client-knows-the-contract', '^core/client/', [
      CONTRACT,
      '^core/vault/(data-keys|encrypt-column|field|file)\\.ts',
    ]),
    only('electron-is-a-shell', '^electron/', [
      CONTRACT,
      PROCESS,
      '^core/service/(client|paths|shown|shipped-list|spawn-core)',
    ]),
    {
      // A schema tries, where its file is loaded, whether text can be made a function: the page's policy refuses that aloud.
      name: 'words-hold-no-schema',
      severity: 'error',
      from: { path: '^core/contract/(messages/|roles\\.ts)' },
      to: { path: 'node_modules/zod/', reachable: true },
    },
    {
      name: 'only-hsm-loads-modules',
      severity: 'error',
      from: { pathNot: '^(core/hsm|test)/' },
      to: { path: 'node_modules/pkcs11js' },
    },
    {
      name: 'only-store-opens-databases',
      severity: 'error',
      from: { pathNot: '^(core/store|test)/' },
      to: { path: 'node_modules/better-sqlite3' },
    },
    {
      name: 'only-store-and-rotators-speak-to-postgres',
      severity: 'error',
      from: { pathNot: '^(core/(rotators|store)|test)/' },
      to: { path: 'node_modules/pg/' },
    },
    {
      name: 'only-the-electron-shell-loads-electron',
      severity: 'error',
      from: { pathNot: '^(electron/(electron-shell|lockdown)\\.ts|test/)' },
      to: { path: 'node_modules/electron' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types', 'default'] },
  },
};
