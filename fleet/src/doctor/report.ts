import { z } from 'zod';
import { findingSchema, findingStatuses, type Finding } from './finding.ts';

/** What `runfleet doctor --json` prints. */
export const reportSchema = z.strictObject({
  /** The worst of the findings. */
  status: z.enum(findingStatuses),
  /** Of Runfleet. */
  version: z.string(),
  host: z.string(),
  /** In the order in which they are best mended. */
  findings: z.array(findingSchema),
});
export type Report = z.infer<typeof reportSchema>;

export function worstOf(findings: readonly Finding[]): Report['status'] {
  const worst = Math.max(0, ...findings.map(({ status }) => findingStatuses.indexOf(status)));
  return findingStatuses[worst] ?? 'failed';
}
