import { z } from 'zod';

/** From the best to the worst. */
export const findingStatuses = ['ok', 'warning', 'failed'] as const;

/** What one look at the host or at a service has found. */
export const findingSchema = z.strictObject({
  /** What was looked at: `<subject>` or `<subject>.<aspect>`. */
  item: z.string().regex(/^[a-z]+(\.[a-z]+)?$/),
  /** `failed`: a part of the fleet does not work, or loses what it must keep. `warning`: it works, but worse than it could. */
  status: z.enum(findingStatuses),
  found: z.string(),
  means: z.string(),
  /** A command, or a setting; null where there is nothing to mend, or nothing that mends it. */
  remedy: z.string().nullable(),
});
export type Finding = z.infer<typeof findingSchema>;

export function ok(item: string, found: string, means: string): Finding {
  return { item, status: 'ok', found, means, remedy: null };
}

export function warning(item: string, found: string, means: string, remedy: string | null): Finding {
  return { item, status: 'warning', found, means, remedy };
}

export function failed(item: string, found: string, means: string, remedy: string | null): Finding {
  return { item, status: 'failed', found, means, remedy };
}
