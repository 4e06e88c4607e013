import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';

const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);

/** Puts a section into docs/benchmarks.md in the place of the one of that title, with when and where it was measured. */
export function writeSection(title: string, section: string): void {
  const [head = '', ...sections] = readFileSync(PAGE, 'utf8').split(/^## /m);
  const own = `${title}\n\n${measuredOn()}\n\n${section.trim()}\n\n`;
  const at = sections.findIndex((one) => one.startsWith(`${title}\n`));
  const others = at < 0 ? [...sections, own] : sections.with(at, own);
  writeFileSync(PAGE, `${[head, ...others].map((one) => one.trimEnd()).join('\n\n## ')}\n`);
}

function measuredOn(): string {
  const [processor] = cpus();
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `Measured on ${new Date().toISOString().slice(0, 10)}: ${availableParallelism()} processors (${processor?.model.trim() ?? 'unknown'}), Node ${process.versions.node}, load average ${load}.`;
}
