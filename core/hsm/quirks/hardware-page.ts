import type { Device, Sourced } from './device.ts';
import { DEVICES } from './known-devices.ts';

const HEAD = `# Tokens: hardware

_Not tried on the device_, any of them. What stands here is what vendors and maintainers write, each fact with its
source. What a device really does, it says itself, without a login and in a minute:

\`\`\`
claviger token probe --module /path/to/module.so
\`\`\`

Send the result (\`--json\`) with an issue: it holds no secret. The serial number is in it.

This page is written from \`core/hsm/quirks/\` by \`node core/hsm/quirks/write-hardware-page.ts\`; a test keeps the two equal.
`;

const PARTS: [keyof Device, string][] = [
  ['libraries', 'Library'],
  ['slots', 'Slots'],
  ['login', 'Login'],
  ['mechanisms', 'Mechanisms'],
  ['limits', 'Limits'],
];

/** docs/tokens-hardware.md. */
export function hardwarePage(): string {
  return [HEAD, ...DEVICES.map(section)].join('\n');
}

function section(device: Device): string {
  const rows = PARTS.flatMap(([part, title]) =>
    (device[part] as Sourced[]).map(({ fact, source }) => `- ${title}: ${fact} ([source](${source}))`),
  );
  return `## ${device.name}\n\nNot tried on the device.\n\n${rows.join('\n')}\n\nFor a ceremony: ${device.ceremony}\n`;
}
